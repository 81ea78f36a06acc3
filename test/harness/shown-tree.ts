import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtProgram } from './program.ts';

const top = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface ShownTree {
  /** Where a file of the sources is seen; any other stays what it is. */
  seen(path: string): string;
  /** The program that is tested, as this user sees it. */
  program: string;
  hide(): void;
}

/** Shows the source tree below `dir` to users without rights: it may be below somebody's home. */
export function showTree(dir: string): ShownTree {
  const tree = mkdtempSync(join(dir, 'tree-'));
  const program = join(tree, 'bin/nerdctl');
  execFileSync('mount', ['--bind', top, tree]);
  // A single executable takes the place of the development build: the scripts start what is beside them.
  if (builtProgram !== join(top, 'bin/nerdctl'))
    execFileSync('mount', ['--bind', dirname(builtProgram), dirname(program)]);
  return {
    seen: (path) => (path.startsWith(top) ? tree + path.slice(top.length) : path),
    program,
    hide: () => {
      execFileSync('umount', ['--recursive', tree]);
      rmdirSync(tree);
    },
  };
}
