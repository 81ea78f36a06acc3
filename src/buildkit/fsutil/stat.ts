import type { ByteString } from '../../docker/values/byte-text.ts';
import type { Xattr } from '../../host/helper.ts';

/** fsutil.types.Stat: an entry of a tree as it goes over the wire. */
export interface FileStat {
  /** From the top of the tree, with slashes. */
  path: ByteString;
  /** Go's os.FileMode. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Nanoseconds since 1970. */
  modTime: bigint;
  /** The target of a symbolic link; of a hard link, the path that was there first. */
  linkname: ByteString;
  devmajor: number;
  devminor: number;
  xattrs: readonly Xattr[];
}

export function fileStat(path: ByteString, mode: number, rest: Partial<FileStat> = {}): FileStat {
  const none = { uid: 0, gid: 0, size: 0, modTime: 0n, linkname: '', devmajor: 0, devminor: 0, xattrs: [] };
  return { path, mode: mode >>> 0, ...none, ...rest };
}

/** Bits of Go's os.FileMode. The low nine are those of the kernel. */
export const GoMode = {
  DIR: 0x8000_0000,
  SYMLINK: 0x0800_0000,
  DEVICE: 0x0400_0000,
  NAMED_PIPE: 0x0200_0000,
  SOCKET: 0x0100_0000,
  SETUID: 0x0080_0000,
  SETGID: 0x0040_0000,
  /** Together with DEVICE. */
  CHAR_DEVICE: 0x0020_0000,
  STICKY: 0x0010_0000,
  IRREGULAR: 0x0008_0000,
} as const;

const PERMISSIONS = 0o777;

const TYPES: readonly (readonly [stMode: number, goMode: number])[] = [
  [0o040000, GoMode.DIR],
  [0o120000, GoMode.SYMLINK],
  [0o060000, GoMode.DEVICE],
  [0o020000, GoMode.DEVICE | GoMode.CHAR_DEVICE],
  [0o010000, GoMode.NAMED_PIPE],
  [0o140000, GoMode.SOCKET],
  [0o100000, 0],
];

const SPECIAL: readonly (readonly [stMode: number, goMode: number])[] = [
  [0o4000, GoMode.SETUID],
  [0o2000, GoMode.SETGID],
  [0o1000, GoMode.STICKY],
];

const TYPE_BITS =
  GoMode.DIR |
  GoMode.SYMLINK |
  GoMode.DEVICE |
  GoMode.NAMED_PIPE |
  GoMode.SOCKET |
  GoMode.CHAR_DEVICE |
  GoMode.IRREGULAR;

/** Go's os.FileMode of a `st_mode`. */
export function goMode(stMode: number): number {
  let mode = (stMode & PERMISSIONS) | (TYPES.find(([type]) => type === (stMode & 0o170000))?.[1] ?? GoMode.IRREGULAR);
  for (const [bit, go] of SPECIAL) if (stMode & bit) mode |= go;
  return mode >>> 0;
}

/** The `st_mode` of an os.FileMode. */
export function stMode(mode: number): number {
  const type = TYPES.find(([, go]) => go >>> 0 === (mode & TYPE_BITS) >>> 0)?.[0] ?? 0o100000;
  return type | permissions(mode);
}

/** What chmod(2) takes. */
export function permissions(mode: number): number {
  let bits = mode & PERMISSIONS;
  for (const [bit, go] of SPECIAL) if (mode & go) bits |= bit;
  return bits;
}

export function isDirectory(mode: number): boolean {
  return (mode & GoMode.DIR) !== 0;
}

/** Only these have content to be asked for; both ends have to agree. */
export function isRegular(mode: number): boolean {
  return (mode & TYPE_BITS) === 0;
}
