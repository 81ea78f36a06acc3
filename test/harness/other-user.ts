import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Box } from './box.ts';
import { type Result, run } from './program.ts';

/** Runs the program as a user without rights, who sees the sources elsewhere: they may be below somebody's home. */
export async function runAsUser(box: Box, uid: number, args: readonly string[]): Promise<Result> {
  const tree = mkdtempSync(join(box.dir, 'tree-'));
  execFileSync('mount', ['--bind', fileURLToPath(new URL('../..', import.meta.url)), tree]);
  try {
    return await run(join(tree, 'bin/nerdctl'), args, { uid, gid: uid, cwd: '/' });
  } finally {
    execFileSync('umount', [tree]);
  }
}
