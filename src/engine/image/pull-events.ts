import type { Reference } from '../../docker/reference.ts';

/**
 * What happens during a pull, for whoever shows it. A layer goes through `waiting`, `downloading` (often), `verifying`,
 * `downloaded`, `extracting`, `complete`; or it `exists`. Sizes in bytes.
 */
export type PullEvent =
  | { type: 'started'; reference: Reference; digest: string }
  | {
      type: 'layer';
      digest: string;
      state: 'waiting' | 'downloading' | 'verifying' | 'downloaded' | 'extracting' | 'complete' | 'exists' | 'retrying';
      current?: number;
      total?: number;
      /** Until the next attempt, for `retrying`. */
      seconds?: number;
    };

export interface PulledImage {
  /** `docker.io/library/busybox:latest` */
  name: string;
  /** Of the manifest or index that the tag means. */
  digest: string;
  imageId: string;
  /** False: everything was here already. */
  changed: boolean;
  /** It is for another platform than the one asked for, which docker does not refuse. */
  warning?: string;
}
