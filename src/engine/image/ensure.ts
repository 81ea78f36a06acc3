import { isDockerError } from '../../docker/errors.ts';
import type { Engine } from '../engine.ts';
import { withLease } from './lease.ts';
import type { PullOptions } from './pull.ts';
import { type ImageView, resolveImage } from './store.ts';
import { presentLayers, unpackImage } from './unpack.ts';

export interface EnsureOptions extends PullOptions {
  /** As `run --pull` takes it. */
  pull?: 'always' | 'missing' | 'never';
  /** Called before an image is pulled because it is not here. */
  onMissing?: (ref: string) => void;
}

/**
 * An image that containers can start from: pulled if it must be, and unpacked.
 * @throws DockerError not-found in docker's words when it may not be pulled
 */
export async function ensureImage(engine: Engine, ref: string, options: EnsureOptions = {}): Promise<ImageView> {
  const { pull = 'missing', platform } = options;
  if (pull !== 'always') {
    const found = await resolveImage(engine, ref, { platform }).catch((error: unknown) => {
      if (pull !== 'never' && isDockerError(error, 'not-found')) return undefined;
      throw error;
    });
    if (found) {
      await ensureUnpacked(engine, found);
      return found;
    }
    options.onMissing?.(ref);
  }
  const { pullImage } = await import('./pull.ts');
  const pulled = await pullImage(engine, ref, options);
  return resolveImage(engine, pulled.name, { platform });
}

/** For images that another tool, or another snapshotter, has brought. */
export async function ensureUnpacked(engine: Engine, view: ImageView): Promise<void> {
  const { snapshotter } = engine.settings;
  const snapshots = engine.containerd.snapshots(snapshotter);
  if ((await presentLayers(snapshots, view.chainIds)) === view.chainIds.length) return;
  await withLease(engine.containerd, (c) => unpackImage(c, snapshotter, view.manifest, view.config));
}
