import { join } from 'node:path';
import { removeFile } from '../../host/files.ts';
import type { HostHelper } from '../../host/helper.ts';
import { endProcesses, processArguments } from '../../host/proc.ts';
import { runProcess } from '../../host/process.ts';
import { type MonitorConf, monitorUri, writeMonitorConf } from './monitor-conf.ts';

export interface StdioPlan {
  /** For Tasks.Create. */
  terminal: boolean;
  stdin: string;
  stdout: string;
  stderr: string;
  /** FIFOs to be made before. */
  fifos: string[];
  /** `logger`: the shim starts the monitor. `fifo`: we do, because a logger URI leaves no room for stdin. */
  monitor: 'logger' | 'fifo';
}

export function planStdio(
  stateDir: string,
  { tty, stdin }: { tty: boolean; stdin: boolean },
  program: string,
): StdioPlan {
  const fifo = (name: string) => join(stateDir, `${name}.fifo`);
  if (stdin && !tty) {
    const fifos = ['stdin', 'stdout', 'stderr'].map(fifo);
    const [input = '', stdout = '', stderr = ''] = fifos;
    return { terminal: false, stdin: input, stdout, stderr, fifos, monitor: 'fifo' };
  }
  const uri = monitorUri(stateDir, program);
  // With a terminal the shim copies the input itself, whatever takes the output.
  const input = stdin ? fifo('stdin') : '';
  return {
    terminal: tty,
    stdin: input,
    stdout: uri,
    stderr: tty ? '' : uri,
    fifos: input ? [input] : [],
    monitor: 'logger',
  };
}

/** Makes the FIFOs, writes monitor.conf and, where the shim does not, starts the monitor. To be done before Tasks.Create. */
export async function prepareStdio(
  host: HostHelper,
  stateDir: string,
  plan: StdioPlan,
  conf: MonitorConf,
  program: string,
): Promise<void> {
  const fifo = plan.monitor === 'fifo';
  await Promise.all([
    writeMonitorConf(stateDir, {
      ...conf,
      tty: plan.terminal,
      stdin: plan.stdin || undefined,
      stdout: fifo ? plan.stdout : undefined,
      stderr: fifo ? plan.stderr : undefined,
    }),
    ...plan.fifos.map(async (path) => {
      await removeFile(path);
      await host.mkfifo(path, 0o600);
    }),
  ]);
  if (!fifo) return;
  // It goes to the background by itself once attach.sock is there.
  const started = await runProcess(program, ['fifo', 'dir', stateDir], { timeout: 10_000 });
  if (started.code !== 0)
    throw new Error(`cannot start the monitor: ${started.stderr.toString().trim() || started.signal}`);
}

/** After Tasks.Delete, or when Tasks.Create has failed. */
export async function removeStdio(plan: StdioPlan): Promise<void> {
  await Promise.all(plan.fifos.map(removeFile));
}

/** Kills the monitor of a container that has no task: it would wait for ever for a shim to open the FIFOs. */
export async function endMonitor(stateDir: string): Promise<void> {
  await endProcesses((pid) => {
    const args = processArguments(pid);
    return /nerdctl-monitor$/.test(args[0] ?? '') && args.at(-2) === 'dir' && args.at(-1) === stateDir;
  });
}
