import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { ByteString } from '../../docker/values/byte-text.ts';
import type { Xattr } from '../../host/helper.ts';
import { isDenied, isGone, pathError } from '../../host/path-error.ts';
import type { DirInfo, TreeFilter, Verdict } from './filter.ts';
import { type FileStat, fileStat, GoMode, goMode, isDirectory } from './stat.ts';
import { type XattrReader, xattrsAhead } from './xattrs-ahead.ts';

/** A directory whose entries are being looked at. */
interface Level {
  /** Empty, or the path with a slash at its end. */
  prefix: ByteString;
  names: ByteString[];
  next: number;
  info?: DirInfo;
  /** The directory itself where it has not been sent: an entry of it may need it. */
  unsent?: FileStat;
}

const NONE: readonly Xattr[] = [];
const SENT: { verdict: Verdict; info?: DirInfo } = { verdict: 'send' };

/**
 * Walks a directory as {@link Tree} asks for. What vanishes meanwhile is left out; what may not be looked at is an error
 * unless it is filtered out, with all that may be in it. Owners are left out: for the daemon everything belongs to root.
 */
export async function walkDirectory(
  root: ByteString,
  filter: TreeFilter | undefined,
  emit: (stat: FileStat) => void,
  pause: () => Promise<void> | undefined,
  xattrsIn?: XattrReader,
): Promise<void> {
  const links = new Map<string, ByteString>();
  const xattrs = xattrsIn && xattrsAhead(root, xattrsIn);
  const levels: Level[] = [];

  function enter(prefix: ByteString, { info, unsent }: Pick<Level, 'info' | 'unsent'> = {}): void {
    const names = namesIn(`${root}/${prefix}`);
    levels.push({ prefix, names, next: 0, info, unsent });
    const wanted = (name: ByteString) => filter?.look(prefix + name, true, info).verdict !== 'prune';
    xattrs?.enter(prefix, directoriesIn(`${root}/${prefix}`), wanted);
  }

  function send(stat: FileStat, inode: BigIntStats | undefined): void {
    for (const level of levels) {
      if (!level.unsent) continue;
      emit(level.unsent);
      level.unsent = undefined;
    }
    if (inode && inode.nlink > 1n && (stat.mode & (GoMode.DIR | GoMode.SYMLINK)) === 0) {
      const key = `${inode.dev}:${inode.ino}`;
      const first = links.get(key);
      if (first === undefined) links.set(key, stat.path);
      else stat.linkname = first;
    }
    emit(stat);
  }

  enter('');
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const name = level.names[level.next++];
    if (name === undefined) {
      levels.pop();
      xattrs?.leave(level.prefix);
      continue;
    }
    const path = level.prefix + name;
    const full = `${root}/${path}`;
    const inode = look(full, () => filter?.look(path, false, level.info).verdict ?? 'send');
    if (!inode) continue;
    const isDir = inode.isDirectory();
    const { verdict, info } = filter?.look(path, isDir, level.info) ?? SENT;
    if (verdict === 'prune' || (verdict === 'pass' && !isDir)) continue;
    const stat = statOf(path, full, inode);
    if (!stat) continue;
    const found = xattrs?.of(level.prefix);
    stat.xattrs = (found instanceof Promise ? await found : found)?.get(name) ?? NONE;
    if (verdict === 'send') send(stat, inode);
    if (isDir) enter(`${path}/`, { info, unsent: verdict === 'send' ? undefined : stat });
    const wait = pause();
    if (wait) await wait;
  }
}

/** @param verdict asked for only where the entry may not be looked at */
function look(full: ByteString, verdict: () => Verdict): BigIntStats | undefined {
  try {
    return lstatSync(Buffer.from(full, 'latin1'), { bigint: true });
  } catch (error) {
    if (isGone(error) || (isDenied(error) && verdict() !== 'send')) return undefined;
    throw pathError('lstat', full, error);
  }
}

function namesIn(full: ByteString): ByteString[] {
  try {
    const names = readdirSync(Buffer.from(full, 'latin1'), { encoding: 'buffer' });
    return names.map((name) => name.toString('latin1')).sort();
  } catch (error) {
    if (isGone(error)) return [];
    throw pathError('open', full.replace(/(.)\/$/, '$1'), error);
  }
}

/** For asking ahead. Bun gives types only with names that are UTF-8: others are not asked for ahead. */
function directoriesIn(full: ByteString): ByteString[] {
  try {
    const dirs = readdirSync(Buffer.from(full, 'latin1'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    return dirs.map(({ name }) => Buffer.from(name).toString('latin1')).sort();
  } catch {
    return [];
  }
}

/** Undefined for a symbolic link that is gone. */
function statOf(path: ByteString, full: ByteString, inode: BigIntStats): FileStat | undefined {
  // A socket is sent as an empty file: archives have no word for it.
  const mode = (goMode(Number(inode.mode)) & ~GoMode.SOCKET) >>> 0;
  const stat = fileStat(path, mode, { modTime: inode.mtimeNs });
  if (isDirectory(mode)) return stat;
  stat.size = Number(inode.size);
  if (mode & GoMode.DEVICE) {
    const device = Number(BigInt.asUintN(32, inode.rdev));
    stat.devmajor = (device >>> 8) & 0xfff;
    stat.devminor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  }
  if (mode & GoMode.SYMLINK) {
    const target = targetOf(full);
    if (target === undefined) return undefined;
    stat.linkname = target;
  }
  return stat;
}

function targetOf(full: ByteString): ByteString | undefined {
  try {
    return readlinkSync(Buffer.from(full, 'latin1'), { encoding: 'buffer' }).toString('latin1');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw pathError('readlink', full, error);
  }
}
