import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive } from './proc.ts';

// These files are small: through libuv's threads, each of their system calls would wait for a processor several times.

export interface WriteOptions {
  /** Survives a power cut right after: for records, not for what is rebuilt anyway. */
  sync?: boolean;
  /** Whose it is to be; ours otherwise, and where that is not permitted. */
  owner?: { uid: number; gid: number };
}

/** Readers see the old file or the new one, never a half. The temporary name is the one Go nerdctl's stores skip. */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  mode = 0o644,
  { sync = false, owner }: WriteOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${basename(path)}-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    const file = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(file, data);
      // The mode given to open() has lost the umask's bits.
      fchmodSync(file, mode);
      if (owner) changeOwner(file, owner);
      if (sync) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    // On a read-only file system Bun cannot remove what is not there either, and that would be told instead.
    if (existsSync(temporary)) rmSync(temporary);
    // Node names no file where a write fails: the disk is full.
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}

function changeOwner(file: number, { uid, gid }: { uid: number; gid: number }): void {
  try {
    fchownSync(file, uid, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/** Removes what killed processes have left of {@link writeFileAtomic} in a directory. */
export function removeHalfWritten(dir: string, names: readonly string[] = readdirSync(dir)): void {
  for (const name of names) {
    const pid = /^\.tmp-.*-(\d+)-[0-9a-f]{12}$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(dir, name), { force: true });
  }
}

/** For files that are bind-mounted into containers: the inode must stay. Created if missing. */
export async function writeInPlace(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const file = openOrCreate(path, mode);
  try {
    // Written before it is cut: a reader in a container never finds the file empty.
    let at = 0;
    while (at < bytes.length) at += writeSync(file, bytes, at, bytes.length - at, at);
    ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}

/** Makes an empty file, unless it is there. */
export async function touchFile(path: string, mode = 0o644): Promise<void> {
  closeSync(openSync(path, 'a', mode));
}

function openOrCreate(path: string, mode: number): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return openSync(path, 'w+', mode);
    throw error;
  }
}

/** Makes the directory and its parents. `mode` is given to the last one, also when the umask says otherwise. */
export async function ensureDir(path: string, mode = 0o755): Promise<void> {
  if (makeDirs(path, mode)) chmodSync(path, mode);
}

/** Not Node's recursive mkdir, which never ends below /proc. @returns whether it was missing */
function makeDirs(path: string, mode: number): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
  }
  makeDirs(dirname(path), mode);
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    // Somebody else has made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Makes one directory, unless it is there. False where its parent is missing. */
export async function makeDir(path: string, mode = 0o755): Promise<boolean> {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code !== 'EEXIST') throw error;
  }
  return true;
}

/** A missing one is no error. Never crosses symbolic links. */
export async function removeTree(path: string): Promise<void> {
  // Tried again where somebody makes a file in it meanwhile.
  await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
}

/** A missing one is no error. */
export async function removeFile(path: string): Promise<void> {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
