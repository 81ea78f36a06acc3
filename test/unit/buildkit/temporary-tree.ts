import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { directoryTree, type Selection } from '../../../src/buildkit/fsutil/directory.ts';
import { type FileStat, GoMode } from '../../../src/buildkit/fsutil/stat.ts';

export function temporaryDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-fsutil-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** `a/b` is a file, `a/` a directory, `a -> b` a symbolic link, `a = b` a hard link. Parents come by themselves. */
export function makeTree(dir: string, entries: readonly string[]): void {
  for (const entry of entries) {
    const [path = '', target] = entry.split(/ -> | = /);
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    if (entry.includes(' -> ')) symlinkSync(target!, join(dir, path));
    else if (entry.includes(' = ')) linkSync(join(dir, target!), join(dir, path));
    else if (path.endsWith('/')) mkdirSync(join(dir, path), { recursive: true });
    else writeFileSync(join(dir, path), path);
    if (!entry.includes(' -> ')) chmodSync(join(dir, path), path.endsWith('/') ? 0o755 : 0o644);
  }
}

/** Does something as a user whose permissions count: root is none. */
export async function unprivileged<T>(dir: string, work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await work();
  chmodSync(dir, 0o755);
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

export async function walked(dir: string, selection: Partial<Selection> = {}): Promise<FileStat[]> {
  const found: FileStat[] = [];
  const tree = directoryTree(dir, { includes: [], excludes: [], follow: [], ...selection });
  await tree.walk(
    (stat) => void found.push(stat),
    () => undefined,
  );
  return found;
}

/** In the words of {@link makeTree}. */
export function shown({ path, mode, linkname }: FileStat): string {
  const name = Buffer.from(path, 'latin1').toString();
  if (mode & GoMode.DIR) return `${name}/`;
  if (mode & GoMode.SYMLINK) return `${name} -> ${linkname}`;
  return linkname === '' ? name : `${name} = ${linkname}`;
}
