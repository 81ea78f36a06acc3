import { applyChanges } from '../../docker/change/apply.ts';
import { DockerError } from '../../docker/errors.ts';
import { mediaType, type OciHistory, type OciImage, type OciImageConfig } from '../../docker/oci.ts';
import { parsePlatform } from '../../docker/platform.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Container } from '../../runtime/containers.ts';
import { TaskStatus } from '../../runtime/tasks.ts';
import { hasCgroups } from '../container/cgroups.ts';
import { isManaged, nameOf, stateDirOf, withContainerLock } from '../container/container-dir.ts';
import { readDockerRecord } from '../container/docker-record.ts';
import { findContainer } from '../container/find.ts';
import { dockerLabels, label } from '../container/labels.ts';
import { findTask, orUndefined } from '../container/task.ts';
import type { Engine } from '../engine.ts';
import { beginOperation, endOperation } from '../operations.ts';
import { compressLayer, type LayerCompression } from './compress.ts';
import { diffOfSnapshot } from './container-diff.ts';
import { withLease } from './lease.ts';
import { type ImageFormat, storeNewImage } from './new-image.ts';
import { viewAll } from './store.ts';
import { targetName } from './target-name.ts';
import { type ImageView, viewImage } from './view.ts';

export interface CommitOptions {
  name?: string;
  author?: string;
  message?: string;
  /** Dockerfile instructions. */
  changes?: readonly string[];
  /** Freezes a running container while its files are read, where there are cgroups for it. */
  pause: boolean;
  /** The image's own when it is not given. */
  format?: ImageFormat;
  compression: LayerCompression;
}

/**
 * Makes an image of a container: its image's layers and one of what it has changed.
 * @returns the image's ID
 */
export async function commitContainer(engine: Engine, ref: string, options: CommitOptions): Promise<string> {
  const name = targetName(options.name);
  const container = await findContainer(engine, ref);
  const { snapshotter } = container;
  return withLease(engine.containerd, async (c) => {
    const { parent } = await c.snapshots(snapshotter).stat(container.snapshotKey);
    const base = await imageOf(c, container, parent);
    const own = ownConfig(engine, container, base.config.config ?? {});
    const config = keepCommand(applyChanges(own, options.changes ?? []), own);
    const diff = await whilePaused(engine, container, options.pause && hasCgroups(engine), () =>
      diffOfSnapshot(c, snapshotter, { key: container.snapshotKey, parent }),
    );
    // Takes much longer than the reading: nobody shall wait for it.
    const layer = diff && options.compression !== 'none' ? await compressLayer(c, diff, options.compression) : diff;
    const now = new Date().toISOString();
    const step: OciHistory = {
      created: now,
      ...(options.author && { author: options.author }),
      created_by: (own.Cmd ?? []).join(' '),
      ...(options.message && { comment: options.message }),
      ...(!layer && { empty_layer: true }),
    };
    const { architecture, os, variant, rootfs, history } = base.config;
    const image: OciImage = {
      architecture,
      os,
      ...(variant && { variant }),
      ...(base.config['os.version'] && { 'os.version': base.config['os.version'] }),
      created: now,
      ...(options.author && { author: options.author }),
      ...(options.message && { comment: options.message }),
      config,
      rootfs: { type: 'layers', diff_ids: diff ? [...rootfs.diff_ids, diff.digest] : rootfs.diff_ids },
      history: [...(history ?? rootfs.diff_ids.map(() => ({}))), step],
    };
    const layers = layer ? [...base.manifest.layers, layer] : base.manifest.layers;
    const isOci = base.manifestDesc.mediaType === mediaType.ociManifest || layer?.mediaType === mediaType.ociLayerZstd;
    const baseFormat = isOci ? 'oci' : 'docker';
    return storeNewImage(c, snapshotter, { config: image, layers, format: options.format ?? baseFormat, name });
  });
}

/** The image that the container's snapshot was made from: its name may mean another one by now. */
async function imageOf(c: Containerd, container: Container, parent: string): Promise<ImageView> {
  const id = container.labels[label.imageId];
  const isIt = (view: ImageView | undefined): view is ImageView =>
    view !== undefined && view.chainId === parent && (id === undefined || view.imageId === id);
  const record = await orUndefined(c.images.get(container.image));
  if (record) {
    const text = container.labels[label.platform];
    const platform = text ? parsePlatform(text, hostPlatform()) : undefined;
    const named = await viewImage(c, record, platform).catch(() => undefined);
    if (isIt(named)) return named;
  }
  const found = (await viewAll(c)).map(({ view }) => view).find(isIt);
  if (found) return found;
  throw new DockerError('not-found', `No such image: ${id ?? container.image}`);
}

/** What the container was asked for, in an image's terms; of Go nerdctl's containers the image's, as Go nerdctl has it. */
function ownConfig(engine: Engine, container: Container, image: OciImageConfig): OciImageConfig {
  const record = readDockerRecord(stateDirOf(engine, container));
  if (!record) return image;
  const { Config } = record;
  const health = (Config.Healthcheck ?? image.Healthcheck) as OciImageConfig['Healthcheck'];
  const labels = dockerLabels(container.labels);
  return {
    ...(Config.User && { User: Config.User }),
    ...(Config.ExposedPorts && { ExposedPorts: Config.ExposedPorts }),
    Env: Config.Env,
    Entrypoint: Config.Entrypoint,
    Cmd: Config.Cmd,
    ...(health && { Healthcheck: health }),
    ...(Config.Volumes && { Volumes: Config.Volumes }),
    ...(Config.WorkingDir && { WorkingDir: Config.WorkingDir }),
    ...(Object.keys(labels).length > 0 && { Labels: labels }),
    ...(Config.StopSignal && { StopSignal: Config.StopSignal }),
    ...(Config.StopTimeout !== undefined && { StopTimeout: Config.StopTimeout }),
    ...(image.Shell && { Shell: image.Shell }),
  };
}

/** Docker unites the changed configuration with the container's: what a change has emptied is the container's again. */
function keepCommand(changed: OciImageConfig, own: OciImageConfig): OciImageConfig {
  if (changed.Entrypoint?.length) return changed;
  const Cmd = changed.Cmd?.length ? changed.Cmd : own.Cmd;
  return { ...changed, Cmd, Entrypoint: changed.Entrypoint ?? own.Entrypoint };
}

/** Should this process be killed meanwhile, the next command lets the container go on. */
async function whilePaused<T>(
  engine: Engine,
  container: Container,
  pause: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const { id } = container;
  if (!pause) return work();
  const { tasks } = engine.containerd.withSignal(undefined);
  const body = async () => {
    const task = await findTask(engine, id);
    if (task?.status !== TaskStatus.RUNNING) return work();
    await beginOperation(engine, { id, kind: 'pause', name: nameOf(container) });
    try {
      await tasks.pause(id);
      try {
        return await work();
      } finally {
        await tasks.resume(id);
      }
    } finally {
      await endOperation(engine, id);
    }
  };
  return isManaged(container) ? withContainerLock(engine, container, body) : body();
}
