/**
 * What happens during a push, for whoever shows it. A blob goes through `preparing`, and then is there already
 * (`exists`), or `mounted`, or through `waiting`, `pushing` (often) to `pushed`; `skipped` is what no registry keeps.
 * Sizes in bytes.
 */
export type PushEvent =
  | { type: 'started'; repository: string }
  | {
      type: 'layer';
      digest: string;
      state: 'preparing' | 'waiting' | 'pushing' | 'pushed' | 'exists' | 'mounted' | 'skipped' | 'retrying';
      current?: number;
      total?: number;
      /** The repository it was mounted from. */
      from?: string;
      /** Until the next attempt, for `retrying`. */
      seconds?: number;
    }
  /** `digest` and `size` of the manifest or index that the tag means there now. */
  | { type: 'pushed'; tag: string; digest: string; size: number }
  /** Something else than the whole index was pushed, because not all of it is here. */
  | { type: 'reduced'; original: string; pushed: string; single: boolean };
