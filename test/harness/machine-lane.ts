import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Machine, machineEnv, openMachine } from './nspawn.ts';

const top = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The tests kill containerd, and start it again when they have seen what they want to see. */
const files = { '/etc/systemd/system/containerd.service.d/tests.conf': '[Service]\nRestart=no\n' };

/**
 * As runInSandbox(), in a machine with systemd: as a service of root's there, with the source tree as /tree and with the
 * machine's own Node, if argv names this one.
 * @param scratch a directory of the runner's that is written to in the machine
 */
export async function runInMachine(argv: string[], scratch: string): Promise<{ output: string; code: number }> {
  const machine = await openMachine(files, [`--bind-ro=${top}:/tree`, `--bind=${scratch}:/scratch`]);
  if ('missing' in machine) {
    console.error(`this machine lacks ${machine.missing}`);
    return { output: '', code: 1 };
  }
  try {
    await machine.boot();
    await machine.ok(['sh', '/tree/test/harness/lan.sh']);
    await machine.ok(['mkdir', '/home/lane']);
    const there = argv.map((arg) => inMachine(arg, scratch));
    return { output: '', code: await runService(machine, there) };
  } finally {
    await machine.remove();
  }
}

const inMachine = (arg: string, scratch: string) =>
  arg === process.execPath
    ? '/usr/bin/node'
    : arg.replaceAll(top, '/tree').replaceAll(scratch, '/scratch').replaceAll('{dir}', '/home/lane');

async function runService(machine: Machine, argv: string[]): Promise<number> {
  const service = [
    'systemd-run',
    '--quiet',
    '--wait',
    '--pipe',
    '--working-directory=/tree',
    '--setenv=PATH',
    '--setenv=HOME=/root',
  ];
  const program = process.env.NERDCTL_TEST_PROGRAM?.replace(top, '/tree');
  if (program !== undefined) service.push(`--setenv=NERDCTL_TEST_PROGRAM=${program}`);
  const [file, args] = machine.inside([...service, ...argv]);
  const child = spawn(file, args, { env: machineEnv, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
