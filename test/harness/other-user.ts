import type { Box } from './box.ts';
import { type Result, run } from './program.ts';
import { showTree } from './shown-tree.ts';

/** Runs the program as a user without rights. */
export async function runAsUser(box: Box, uid: number, args: readonly string[]): Promise<Result> {
  const tree = showTree(box.dir);
  try {
    return await run(tree.program, args, { uid, gid: uid, cwd: '/' });
  } finally {
    tree.hide();
  }
}
