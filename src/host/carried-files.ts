import { rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureDir, writeFileAtomic } from './files.ts';

declare const NERDCTL_CARRIED: Record<string, string> | undefined;

/** Text files inside the single executable, by path; undefined in other builds, which have them beside them. */
const carried = typeof NERDCTL_CARRIED === 'object' ? NERDCTL_CARRIED : undefined;

/**
 * Writes what the single executable carries to a directory, executable as it is in the sources. Returns the paths.
 * @param program becomes `bin/nerdctl` there, where the scripts look for it first
 */
export async function unpackCarried(dir: string, program?: string): Promise<string[] | undefined> {
  if (carried === undefined) return undefined;
  const files = Object.entries(carried);
  for (const [name, text] of files) {
    const path = join(dir, name);
    await ensureDir(dirname(path));
    await writeFileAtomic(path, text, text.startsWith('#!') ? 0o755 : 0o644);
  }
  if (program !== undefined) {
    const link = join(dir, 'bin/nerdctl');
    await ensureDir(dirname(link));
    rmSync(link, { force: true });
    symlinkSync(program, link);
  }
  return files.map(([name]) => join(dir, name));
}
