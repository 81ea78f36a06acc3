import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DockerError } from '../../docker/errors.ts';
import { copyTree, moveTree } from '../../host/copy-tree.ts';
import { ensureDir, removeTree, writeFileAtomic } from '../../host/files.ts';
import type { Engine } from '../engine.ts';
import { listImages } from '../image/list.ts';
import { loadImages } from '../image/load.ts';
import { tagImage } from '../image/tag.ts';
import { createVolume } from '../volume/create.ts';
import { checkVolumeName } from '../volume/names.ts';
import { listVolumes, lockVolumes, readVolume } from '../volume/store.ts';
import type { DockerApi, DockerVolume } from './docker-api.ts';
import { type Plan, planMigration, type Step } from './plan.ts';

/** Compares what a docker has with what is here. */
export async function planFrom(engine: Engine, docker: DockerApi): Promise<Plan> {
  const [images, volumes, containers, networks, own, records] = await Promise.all([
    docker.images(),
    docker.volumes(),
    docker.containers(),
    docker.networks(),
    listImages(engine),
    engine.containerd.images.list(),
  ]);
  const targets = new Map(records.map(({ name, target }) => [name, target?.digest ?? '']));
  const names = own.flatMap(({ Id, RepoTags, names: recorded }) =>
    RepoTags.map((tag) => [tag, [Id, ...recorded.map((name) => targets.get(name) ?? '')]] as const),
  );
  return planMigration(
    { images, volumes, containers, networks },
    { images: new Map(names), volumes: new Set(listVolumes(engine).map(({ Name }) => Name)) },
  );
}

/** Where volumes are copied to before they get their names: one that has a name is whole. */
const stagingOf = (engine: Engine) => join(engine.store.root, 'migrate', engine.settings.namespace);

/** Runs `body` while no other move into the namespace is under way; puts away what a killed one has left. */
export async function withMigration<T>(engine: Engine, body: () => Promise<T>): Promise<T> {
  const parent = join(engine.store.root, 'migrate');
  await ensureDir(parent, 0o700);
  const lock = await engine.host.lock(parent, 'exclusive', engine.signal);
  try {
    await removeTree(stagingOf(engine));
    return await body();
  } finally {
    await removeTree(stagingOf(engine));
    await lock.release();
  }
}

/** @param onBytes how much of an image has been read so far */
export async function takeStep(
  engine: Engine,
  docker: DockerApi,
  step: Step,
  onBytes: (bytes: number) => void,
): Promise<void> {
  if (step.kind === 'load') await loadImages(engine, counted(await docker.save(step.names), onBytes));
  else if (step.kind === 'tag') for (const name of step.names) await tagImage(engine, step.source, name);
  else if (step.kind === 'create') await createVolume(engine, initOf(step.volume));
  else await copyVolume(engine, step.volume);
}

function counted(stream: Readable, onBytes: (bytes: number) => void): Readable {
  const chunks = async function* () {
    let bytes = 0;
    for await (const chunk of stream) {
      bytes += (chunk as Buffer).length;
      onBytes(bytes);
      yield chunk as Buffer;
    }
  };
  return Readable.from(chunks(), { objectMode: false });
}

function initOf({ Name, Labels, Options }: DockerVolume) {
  return { name: Name, labels: Labels ?? {}, options: Options ?? {} };
}

async function copyVolume(engine: Engine, volume: DockerVolume): Promise<void> {
  const { Name: name, Labels: labels, Mountpoint } = volume;
  checkVolumeName(name);
  const staged = join(stagingOf(engine), name);
  const data = join(staged, '_data');
  await ensureDir(staged, 0o700);
  await ensureDir(data, 0o755);
  await copyTree(Mountpoint, data, engine.signal);
  await writeFileAtomic(join(staged, 'volume.json'), JSON.stringify({ labels: labels ?? {} }, null, 4));
  const lock = await lockVolumes(engine, 'exclusive');
  try {
    if (readVolume(engine, name)) throw new DockerError('conflict', `a volume named ${name} was made meanwhile`);
    await moveTree(staged, join(engine.store.volumes, name));
  } finally {
    await lock.release();
  }
}
