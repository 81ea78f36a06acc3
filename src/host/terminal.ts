import { spawnSync } from 'node:child_process';

/**
 * Clears OPOST on the terminal of standard input, which Node's raw mode leaves set: a line feed that a full-screen
 * program sends would become a carriage return too.
 */
export function disableOutputProcessing(): void {
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
}
