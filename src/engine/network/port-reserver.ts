import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../host/files.ts';
import { processArguments } from '../../host/proc.ts';
import type { Engine } from '../engine.ts';

/**
 * Ends the process with which Go nerdctl holds the published ports of a container. Its hook does that too, unless
 * something else of its clean-up fails first, and our ports could not be bound again then.
 */
export async function endPortReserver(engine: Engine, id: string): Promise<void> {
  const dir = join('/run/nerdctl', engine.settings.namespace, id);
  if (!existsSync(dir)) return;
  const pid = readPid(join(dir, 'port-reserver.pid'));
  // After a reboot the pid may be anybody's.
  if (pid > 0 && processArguments(pid).join(' ') === 'sleep infinity') endProcess(pid);
  await removeTree(dir);
}

function readPid(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return 0;
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended meanwhile
  }
}
