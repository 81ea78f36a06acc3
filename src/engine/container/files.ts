import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { baseName, keepEnding, splitEntry } from '../../docker/copy-paths.ts';
import { DockerError, isDockerError } from '../../docker/errors.ts';
import { cleanPath } from '../../docker/flags/volumes.ts';
import {
  type CopyOptions,
  type CopyPack,
  type CopyStat,
  type CopyUnpack,
  startCopyProcess,
} from '../../host/copy-process.ts';
import { decompressed } from '../../host/decompress.ts';
import { monitorCommand } from '../../host/program.ts';
import type { Engine } from '../engine.ts';
import { isManaged, stateDirOf, withContainerLock } from './container-dir.ts';
import { readDockerRecord } from './docker-record.ts';
import { type FilesPlan, planFiles } from './files-plan.ts';
import { findContainer } from './find.ts';
import { findTask, isAlive } from './task.ts';

/** The files of one container, and those of this machine that are copied to or from them. */
export interface ContainerFiles {
  /** @throws DockerError `not-found` */
  stat(path: string): Promise<CopyStat>;
  /**
   * Packs a file or directory of the container under its name, or another one.
   * @param to a directory of this machine that it is unpacked in, or our standard output
   * @returns how many bytes the archive had
   */
  copyOut(path: string, to: { dir: string; name: string } | 'stdout'): Promise<number>;
  /**
   * Unpacks in a directory of the container what is packed here, or a tar archive, which may be compressed.
   * @param keepOwners the user of the container gets the files where it has one; else those whom the archive names
   */
  copyIn(source: CopyPack | Readable, dir: string, keepOwners: boolean): Promise<number>;
}

export interface FilesOptions extends Pick<CopyOptions, 'given' | 'onBytes' | 'onSkipped'> {}

/**
 * Runs `body` on a container's files, whether it runs or not. Nothing of it is left when this process is killed; a container
 * that does not run is not started meanwhile.
 */
export async function withContainerFiles<T>(
  engine: Engine,
  ref: string,
  options: FilesOptions,
  body: (files: ContainerFiles) => Promise<T>,
): Promise<T> {
  const container = await findContainer(engine, ref);
  const work = async () => {
    const task = await findTask(engine, container.id);
    const pid = isAlive(task) ? task.pid : undefined;
    const plan = planFiles(container, pid !== undefined);
    const copy = startCopyProcess(monitorCommand(), options);
    const stop = () => copy.end();
    engine.signal.addEventListener('abort', stop, { once: true });
    try {
      const rootfs = pid ? [] : await engine.containerd.snapshots(container.snapshotter).mounts(container.snapshotKey);
      await copy.view({ ...(pid && { pid }), rootfs, places: plan.places }).catch(refuse);
      // Its number may have been given to another process before the view was opened.
      if (pid && (await findTask(engine, container.id))?.pid !== pid) {
        throw new DockerError('conflict', `container ${ref} has ended meanwhile`);
      }
      const user = readDockerRecord(stateDirOf(engine, container))?.Config.User;
      return await body(filesOf(engine, ref, copy, plan, user ? plan.user : undefined));
    } finally {
      engine.signal.removeEventListener('abort', stop);
      copy.end();
    }
  };
  const running = isAlive(await findTask(engine, container.id));
  return running || !isManaged(container) ? work() : withContainerLock(engine, container, work);
}

function filesOf(
  engine: Engine,
  ref: string,
  copy: ReturnType<typeof startCopyProcess>,
  plan: FilesPlan,
  user: { uid: number; gid: number } | undefined,
): ContainerFiles {
  const missing = (path: string) => (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      throw new DockerError('not-found', `Could not find the file ${path} in container ${ref}`, { cause: error });
    }
    return refuse(error);
  };
  const stat = async (path: string) => {
    if (path === '') throw new DockerError('invalid', 'bad parameter: pathcannot be empty');
    return copy.stat(path).catch(missing(path));
  };
  const unpackRules = (dir: string, owner: CopyUnpack['owner']): CopyUnpack => ({
    dir,
    owner,
    ...(engine.rootless && { skipDevices: true }),
  });

  return {
    stat,
    async copyOut(path, to) {
      const absolute = keepEnding(cleanPath(path), path);
      const { mode } = await stat(path);
      const isDirectory = (mode & 0o170000) === 0o040000;
      const { dir, base } = isDirectory ? { dir: absolute, base: '.' } : splitEntry(absolute);
      if (to === 'stdout') {
        return copy.pack('inside', { dir, entry: base, name: baseName(absolute) }, 'given').catch(refuse);
      }
      const packed = copy.pack('inside', { dir, entry: base, name: to.name }, 'other');
      return both(packed, copy.unpack('outside', { dir: to.dir, owner: 'caller' }, 'other'), 'packed');
    },
    async copyIn(source, dir, keepOwners) {
      const real = await copy.real(cleanPath(dir)).catch(missing(dir));
      if (((await stat(keepEnding(real, dir))).mode & 0o170000) !== 0o040000) {
        throw new DockerError('invalid', 'extraction point is not a directory');
      }
      plan.requireWritable(real);
      const rules = unpackRules(real, keepOwners && user ? user : 'archive');
      if (!('pipe' in source)) {
        // The outside hands on what is asked of the inside only until it has something to do itself.
        const unpacked = copy.unpack('inside', rules, 'other');
        return both(copy.pack('outside', source, 'other'), unpacked, 'unpacked');
      }
      const fed = feed(await decompressed(source, engine.signal), copy.input!);
      const done = copy.unpack('inside', rules, 'given').catch(refuse);
      await Promise.race([done, fed.then(() => done)]);
      return 0;
    },
  };
}

/** One side's failure breaks the pipe of the other: what matters is said by the one that failed by itself. */
async function both(
  packed: Promise<number>,
  unpacked: Promise<void>,
  inContainer: 'packed' | 'unpacked',
): Promise<number> {
  const [from, to] = await Promise.allSettled([packed, unpacked]);
  const rejected = [to, from].find((each) => each.status === 'rejected' && each.reason.code !== 'EPIPE');
  if (rejected === undefined) {
    if (from.status === 'fulfilled') return from.value;
    throw from.reason;
  }
  const { reason } = rejected as PromiseRejectedResult;
  if ((rejected === from) === (inContainer === 'packed')) return refuse(reason);
  throw reason;
}

async function feed(archive: Readable, input: import('node:stream').Writable): Promise<void> {
  archive.on('error', () => input.destroy());
  for await (const chunk of archive) {
    if (input.destroyed) break;
    if (!input.write(chunk)) await Promise.race([once(input, 'drain'), once(input, 'close')]);
  }
  input.end();
}

/** What fails in a container is the engine's answer. */
function refuse(error: Error): never {
  throw isDockerError(error) ? error : new DockerError('system', error.message, { cause: error });
}
