import type { OciDescriptor, OciImage, OciManifest } from '../../docker/oci.ts';
import type { Reference } from '../../docker/reference.ts';
import type { Repository } from '../../registry/client.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Engine } from '../engine.ts';
import type { PullEvent, PulledImage } from './pull-events.ts';

export interface PullOptions {
  platform?: string;
  allPlatforms?: boolean;
  /** The directory of docker's config.json; `~/.docker` unless given. */
  dockerConfig?: string;
  /** False: content only. Unless given, all that is pulled, of all platforms only what runs here. */
  unpack?: boolean;
  onEvent?: (event: PullEvent) => void;
  /** After each image of `pullAllTags`. */
  onPulled?: (image: PulledImage) => void;
}

/** What the parts of one pull share. */
export interface PullContext {
  engine: Engine;
  c: Containerd;
  repository: Repository;
  reference: Reference;
  options: PullOptions;
  /** `containerd.io/distribution.source.<domain>`: where a blob can be mounted from, and that it was pulled. */
  source: Record<string, string>;
}

export interface ImageToPull {
  desc: OciDescriptor;
  manifest: OciManifest;
  /** Undefined for an attestation or another artifact in an index, of which only the content is wanted. */
  config: OciImage | undefined;
}
