import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { mountOf, readMountInfo } from './mountinfo.ts';

declare const NERDCTL_SINGLE: SingleExecutable | undefined;

interface SingleExecutable {
  /** Of the build: a version and a hash. */
  id: string;
  /** Length of the static program that it begins with, which is the monitor. */
  launcher: number;
}

/** Put in by scripts/dist.ts; undefined for any other build. */
export const single = typeof NERDCTL_SINGLE === 'object' ? NERDCTL_SINGLE : undefined;

/**
 * The monitor as a file of its own below the data root: which has to be on the machine of containerd's shim under the
 * same path anyway, since the state of containers is there, and outlives the executable that is replaced or was only
 * mounted into a container.
 */
export function keepMonitor(dataRoot: string): string {
  const path = keep(dataRoot, 'nerdctl-monitor', (target) => copyBeginning(process.execPath, target, single!.launcher));
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    const text = `${path} cannot be executed there (is the file system mounted noexec?): copy it elsewhere and name it in NERDCTL_MONITOR`;
    throw Object.assign(new Error(text), { code: (error as NodeJS.ErrnoException).code });
  }
  return path;
}

/**
 * The executable where a monitor finds it that containerd's shim has started: its own path, unless that is one of a
 * container's: a file mounted there, or of an image. Then a copy below the data root.
 */
export function keepProgram(dataRoot: string): string {
  const program = process.execPath;
  const mount = mountOf(program, readMountInfo());
  if (mount === undefined || (mount.mountPoint !== program && !mount.fsType.includes('overlay'))) return program;
  return keep(dataRoot, 'nerdctl', (target) => copyFileSync(program, target, constants.COPYFILE_FICLONE));
}

function keep(dataRoot: string, name: string, make: (target: string) => void): string {
  const dir = join(dataRoot, 'libexec', single!.id);
  const path = join(dir, name);
  const replaced = isLink(dir);
  if (!replaced && isOurs(path)) return path;
  // Back to an executable that another one has followed.
  if (replaced) rmSync(dir);
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const fresh = `${path}.${process.pid}`;
  try {
    make(fresh);
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
  replaceUnused(join(dataRoot, 'libexec'));
  return path;
}

/**
 * What earlier executables have kept goes when a new one keeps something, unless a monitor of theirs still runs. Their
 * paths stay, and lead to the new one: Go nerdctl starts containers with the logger that their labels name.
 */
function replaceUnused(libexec: string): void {
  for (const id of readdirSync(libexec)) {
    const dir = join(libexec, id);
    const monitor = join(dir, 'nerdctl-monitor');
    // The scripts of users without root are there too.
    if (id === single!.id || (!isLink(dir) && (!existsSync(monitor) || isRunning(monitor)))) continue;
    rmSync(dir, { recursive: true, force: true });
    symlinkSync(single!.id, dir);
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Also in a PID namespace that is not ours: what is executed cannot be opened for writing. */
function isRunning(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** A file that somebody else could have put there or changed is made anew. */
function isOurs(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0;
}

function copyBeginning(from: string, to: string, length: number): void {
  const bytes = Buffer.alloc(length);
  const source = openSync(from, 'r');
  try {
    for (let at = 0; at < length; ) at += readSync(source, bytes, at, length - at, at);
  } finally {
    closeSync(source);
  }
  const target = openSync(to, 'w', 0o700);
  try {
    for (let at = 0; at < length; ) at += writeSync(target, bytes, at);
    fchmodSync(target, 0o755);
  } finally {
    closeSync(target);
  }
}
