import { DockerError } from '../../docker/errors.ts';
import { processesOf } from '../../host/proc.ts';
import { runProcess } from '../../host/process.ts';
import type { Engine } from '../engine.ts';
import { hasCgroups } from './cgroups.ts';
import { findContainer } from './find.ts';
import { findTask, isRunning } from './task.ts';

/** `GET /containers/{id}/top`: the columns of ps(1), and a row for each process of the container. */
export interface ProcessTable {
  Titles: string[];
  Processes: string[][];
}

/** Docker's way: the host's ps(1) with the user's arguments, of which the container's processes are kept. */
export async function containerProcesses(engine: Engine, ref: string, psArgs: string[]): Promise<ProcessTable> {
  const { id } = await findContainer(engine, ref);
  const task = await findTask(engine, id);
  if (!isRunning(task)) {
    throw new DockerError('conflict', `container ${id} is not running`);
  }
  // The runtime asks the cgroup for them.
  const pids = new Set(hasCgroups(engine) ? await engine.containerd.tasks.listPids(id) : processesOf(task.pid));
  const { code, stdout, stderr } = await runPs(psArgs.length > 0 ? psArgs : ['-ef'], engine.signal);
  if (code !== 0) {
    throw new DockerError('system', `ps: ${stderr.toString().trim().split('\n')[0] || `exit code ${code}`}`);
  }
  return selectProcesses(stdout.toString(), pids);
}

async function runPs(args: string[], signal: AbortSignal) {
  try {
    return await runProcess('ps', args, { signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DockerError('system', 'top needs ps on this machine: install the package procps', { cause: error });
  }
}

/** @throws DockerError where the output has no PID column */
export function selectProcesses(output: string, pids: ReadonlySet<number>): ProcessTable {
  const [head = '', ...lines] = output.split('\n');
  const titles = head.trim().split(/\s+/);
  const column = titles.indexOf('PID');
  if (column < 0) throw new DockerError('invalid', "Couldn't find PID field in ps output");
  const rows = lines.flatMap((line) => {
    const fields = splitFields(line, titles.length);
    return pids.has(Number(fields[column])) ? [fields] : [];
  });
  return { Titles: titles, Processes: rows };
}

/** The last column, the command, may hold spaces. */
function splitFields(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/);
  return words.length <= count ? words : [...words.slice(0, count - 1), words.slice(count - 1).join(' ')];
}
