import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fchmodSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { type ByteString, bytesOfText } from '../docker/values/byte-text.ts';
import type { HostHelper, Xattr } from './helper.ts';
import { pathError } from './path-error.ts';

/** Of an entry; `mode` is `st_mode` with its type, `modTime` nanoseconds since 1970. */
export interface EntryAttributes {
  mode: number;
  modTime: bigint;
  /** Those that cannot be set are left out. */
  xattrs?: readonly Xattr[];
}

/** Takes the content of a file, which appears under its name when it is closed. */
export interface FileWriter {
  write(bytes: Uint8Array): void;
  close(): void;
}

/**
 * Fills a directory from a list in which parents come before their entries. Paths are relative to it and clean. What is
 * there already is replaced, directories are kept; symbolic links that are there are never followed. All throw an Error
 * that names the path.
 */
export interface TreeWriter {
  directory(path: ByteString, attributes: EntryAttributes): void;
  file(path: ByteString, attributes: EntryAttributes): FileWriter;
  symlink(path: ByteString, target: ByteString, attributes: EntryAttributes): void;
  /** A device or FIFO. */
  special(path: ByteString, attributes: EntryAttributes, device: { major: number; minor: number }): void;
  /** A hard link to an entry that is listed before. */
  link(path: ByteString, target: ByteString): void;
  /** What has to wait for the content of files: links, and the modes and times of directories. */
  finish(): Promise<void>;
  /** Removes files that are not whole. */
  abandon(): void;
}

/** Bits that chmod(2) takes. */
const PERMISSIONS = 0o7777;

/** @param host makes devices, FIFOs and exact times; without it times are cut to microseconds, as Node sets them */
export function createTreeWriter(dest: string, host?: HostHelper): TreeWriter {
  const root = bytesOfText(dest);
  const at = (path: ByteString) => `${root}/${path}`;
  const directories: { full: ByteString; attributes: EntryAttributes }[] = [];
  const links: { full: ByteString; target: ByteString }[] = [];
  const times: [full: ByteString, modTime: bigint][] = [];
  const xattrs: [full: ByteString, xattr: Xattr][] = [];
  const specials: (() => Promise<void>)[] = [];
  const unfinished = new Set<{ fd: number; temporary: ByteString }>();
  const suffix = randomBytes(6).toString('hex');
  let count = 0;

  /** Beside the entry, so that it can be renamed. Names may be as long as they can be, so it holds none. */
  function temporaryOf(full: ByteString): ByteString {
    return `${full.slice(0, full.lastIndexOf('/') + 1)}.tmp-${suffix}-${count++}`;
  }

  /** Puts something in the place of whatever is there. */
  function place(temporary: ByteString, full: ByteString): void {
    try {
      renameSync(bytes(temporary), bytes(full));
    } catch (error) {
      if (!isDirectory(full)) throw error;
      rmSync(bytes(full), { recursive: true });
      renameSync(bytes(temporary), bytes(full));
    }
  }

  function makeDirectory(full: ByteString): void {
    try {
      mkdirSync(bytes(full), 0o700);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isDirectory(full)) return;
      unlinkSync(bytes(full));
      mkdirSync(bytes(full), 0o700);
    }
  }

  function keepXattrs(full: ByteString, attributes: EntryAttributes): void {
    for (const xattr of attributes.xattrs ?? []) xattrs.push([full, xattr]);
  }

  function createFile(full: ByteString, attributes: EntryAttributes): FileWriter {
    const { mode, modTime } = attributes;
    const file = { temporary: temporaryOf(full), fd: -1 };
    file.fd = openSync(bytes(file.temporary), 'wx', 0o600);
    unfinished.add(file);
    return {
      write(chunk) {
        doing('write', full, () => {
          for (let done = 0; done < chunk.length; ) done += writeSync(file.fd, chunk, done);
        });
      },
      close() {
        doing('write', full, () => {
          // Last: to write takes the set-user-ID bit away.
          fchmodSync(file.fd, mode & PERMISSIONS);
          closeSync(file.fd);
          file.fd = -1;
          place(file.temporary, full);
        });
        unfinished.delete(file);
        keepXattrs(full, attributes);
        times.push([full, modTime]);
      },
    };
  }

  async function setTimes(): Promise<void> {
    if (host) {
      await host.setTimes(times);
      return;
    }
    for (const [full, modTime] of times) {
      // Node takes a negative number for now.
      const time = modTime < 0n ? new Date(Number(modTime / 1_000_000n)) : Number(modTime) / 1e9;
      doing('chtimes', full, () => lutimesSync(bytes(full), time, time));
    }
  }

  function abandon(): void {
    process.off('exit', abandon);
    for (const { fd, temporary } of unfinished) {
      if (fd >= 0) closeSync(fd);
      rmSync(bytes(temporary), { force: true });
    }
    unfinished.clear();
  }
  // A second Ctrl-C waits for nothing.
  process.once('exit', abandon);

  return {
    directory(path, attributes) {
      const full = at(path);
      doing('mkdir', full, () => makeDirectory(full));
      directories.push({ full, attributes });
      keepXattrs(full, attributes);
    },
    file: (path, attributes) => doing('open', at(path), () => createFile(at(path), attributes)),
    symlink(path, target, { modTime }) {
      const full = at(path);
      doing('symlink', full, () => {
        const temporary = temporaryOf(full);
        symlinkSync(bytes(target), bytes(temporary));
        place(temporary, full);
      });
      times.push([full, modTime]);
    },
    special(path, { mode, modTime }, { major, minor }) {
      const full = at(path);
      specials.push(async () => {
        if (!host) throw new Error(`mknod ${path}: not possible without the native helper`);
        doing('remove', full, () => rmSync(bytes(full), { recursive: true, force: true }));
        await host.mknod(bytes(full), mode, major, minor).catch((error: unknown) => {
          throw pathError('mknod', full, error);
        });
        times.push([full, modTime]);
      });
    },
    link: (path, target) => void links.push({ full: at(path), target: at(target) }),
    async finish() {
      process.off('exit', abandon);
      for (const make of specials) await make();
      for (const { full, target } of links) {
        doing('link', full, () => {
          const temporary = temporaryOf(full);
          linkSync(bytes(target), bytes(temporary));
          place(temporary, full);
          // Nothing is renamed onto another name of the same file.
          rmSync(bytes(temporary), { force: true });
        });
      }
      if (host) await Promise.all(xattrs.map(([full, xattr]) => host.setXattr(full, xattr).catch(() => {})));
      // Entries first: to add one changes the time of a directory, and its mode may not allow it.
      for (const { full, attributes } of directories.reverse()) {
        doing('chmod', full, () => chmodSync(bytes(full), attributes.mode & PERMISSIONS));
        times.push([full, attributes.modTime]);
      }
      await setTimes();
    },
    abandon,
  };
}

function bytes(path: ByteString): Buffer {
  return Buffer.from(path, 'latin1');
}

function isDirectory(full: ByteString): boolean {
  return lstatSync(bytes(full), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function doing<T>(operation: string, full: ByteString, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw pathError(operation, full, error);
  }
}
