import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { connectMonitor, type MonitorOptions } from '../../../src/runtime/io/monitor.ts';
import { type MonitorConf, writeMonitorConf } from '../../../src/runtime/io/monitor-conf.ts';
import { nativeProgram } from './program.ts';

/** Plays containerd's shim: hands pipes to a monitor at descriptors 3, 4 and 5 and keeps the write ends. */
export interface FakeShim {
  dir: string;
  log: string;
  monitor: ChildProcess;
  /** Starts the "container" and tells the monitor its pid. */
  container(script: string, options?: { tell?: boolean }): Promise<ChildProcess>;
  /** pid of the process that does the work (the holder's child). */
  worker(): number;
  /** As Tasks.Delete: closes the write ends, SIGTERM, waits for the end. */
  delete(): Promise<number | null>;
  closePipes(): void;
  entries(file?: string): { log: string; stream: string; time: string }[];
  text(file?: string): string;
  cleanUp(): void;
}

export async function fakeShim(conf: Partial<MonitorConf> = {}, parent = tmpdir()): Promise<FakeShim> {
  const dir = mkdtempSync(join(parent, 'nerdctl-monitor-'));
  const log = join(dir, 'id-json.log');
  await writeMonitorConf(dir, { driver: 'json-file', logPath: log, ...conf });
  const pipes = ['out', 'err'].map((name) => {
    const path = join(dir, name);
    execFileSync('mkfifo', [path]);
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { read, write: openSync(path, constants.O_WRONLY) };
  });
  const [out, err] = pipes as [{ read: number; write: number }, { read: number; write: number }];
  const monitor = spawn(nativeProgram(), ['dir', dir], {
    stdio: ['ignore', 'ignore', 'inherit', out.read, err.read, 'pipe'],
    env: {},
  });
  const ready = (monitor.stdio as (Readable | null)[])[5];
  await new Promise((resolve) => ready?.on('data', () => {}).on('close', resolve));
  for (const p of pipes) closeSync(p.read);
  let open = true;
  const closePipes = () => {
    if (open) for (const p of pipes) closeSync(p.write);
    open = false;
  };
  const children: ChildProcess[] = [];
  const text = (file = log) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  return {
    dir,
    log,
    monitor,
    container: async (script, { tell = true } = {}) => {
      const child = spawn('sh', ['-c', script], { stdio: ['ignore', out.write, err.write] });
      children.push(child);
      if (tell) {
        const client = await connectMonitor(dir);
        await client.sendPid(child.pid ?? 0);
        client.close();
      }
      return child;
    },
    worker: () => childOf(monitor.pid ?? 0),
    delete: async () => {
      closePipes();
      const ended = new Promise<number | null>((resolve) => monitor.once('exit', resolve));
      if (monitor.exitCode !== null || monitor.signalCode !== null) return monitor.exitCode;
      monitor.kill('SIGTERM');
      return ended;
    },
    closePipes,
    entries: (file = log) =>
      text(file)
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    text,
    cleanUp: () => {
      closePipes();
      for (const child of children) child.kill('SIGKILL');
      monitor.kill('SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

/** Collects what a client gets. */
export async function attach(dir: string, options: MonitorOptions = {}) {
  const got = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (data: Uint8Array) => {
      got[name] += Buffer.from(data).toString('latin1');
      return true;
    },
    drained: async () => {},
  });
  const connection = await connectMonitor(dir, { stdout: sink('stdout'), stderr: sink('stderr'), ...options });
  return Object.assign(connection, { got });
}

/** Waits for a condition that no event announces to a test. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>, ms = 5000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function longDir(base: string): string {
  const dir = join(base, 'd'.repeat(100), 'e'.repeat(100));
  mkdirSync(dir, { recursive: true });
  return dir;
}
