import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Box } from './box.ts';
import { builtProgram, type Result, run } from './program.ts';

/** Runs the program as a user without rights, who sees the sources elsewhere: they may be below somebody's home. */
export async function runAsUser(box: Box, uid: number, args: readonly string[]): Promise<Result> {
  const sources = fileURLToPath(new URL('../..', import.meta.url));
  const top = builtProgram.startsWith(sources) ? sources : dirname(builtProgram);
  const tree = mkdtempSync(join(box.dir, 'tree-'));
  execFileSync('mount', ['--bind', top, tree]);
  try {
    return await run(join(tree, relative(top, builtProgram)), args, { uid, gid: uid, cwd: '/' });
  } finally {
    execFileSync('umount', [tree]);
  }
}
