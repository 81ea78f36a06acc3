import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { promisify } from 'node:util';
import { isAlive } from './alive.ts';
import { type BuildKit, type BuildKitOptions, startBuildKit } from './buildkit.ts';
import { type Daemon, startContainerd } from './daemons.ts';
import { eventually } from './eventually.ts';
import { type Lane, laneFromEnv } from './lane-env.ts';
import { leftovers } from './leftovers.ts';
import { builtProgram, type Result, type Running, type RunOptions, run, start } from './program.ts';
import { openTerminal, type Terminal, type TerminalOptions } from './pty.ts';

const exec = promisify(execFile);

/** What an e2e test file works with: the built program in a containerd namespace of the file's own, with test images. */
export interface Box {
  lane: Lane;
  /** The file runs against docker (`--engine docker`), to see whether what it demands is what docker does. */
  onDocker: boolean;
  namespace: string;
  /** A directory for the test's files, on the sandbox's tmpfs. */
  dir: string;
  nerdctl(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** Demands exit code 0; returns stdout without the last newline. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Demands the exit code, the sentence on stderr, and that it is not a stack trace. */
  fails(args: readonly string[], code: number, sentence: RegExp, options?: RunOptions): Promise<Result>;
  start(args: readonly string[], options?: RunOptions): Running;
  terminal(args: readonly string[], options?: TerminalOptions): Terminal;
  ctr(args: readonly string[]): Promise<string>;
  /** `docker inspect` of one object. */
  inspect<T = Record<string, never>>(name: string, type?: string): Promise<T>;
  /** A name that no other test of this run has. */
  name(stem?: string): string;
  /** Does the work, then demands that nothing is left that was not there before. */
  leavesNothing(work: () => Promise<void>): Promise<void>;
  /**
   * A BuildKit that works in this file's namespace, the same at each call with the same options; it ends with the file.
   * Where lacksBuildKit() says so there is none.
   */
  buildkit(options?: BuildKitOptions): Promise<BuildKit>;
  containerd: { pid(): number; kill(signal: NodeJS.Signals): Promise<void>; start(): Promise<Daemon> };
}

/**
 * Opens the box of a test file; call it once at the top of the file. After the last test of the file every container
 * is removed with `rm -f`, and whatever of it stays on the machine fails the file.
 */
export function openBox(file: string): Box {
  const lane = laneFromEnv();
  const stem = file.replace(/^.*\//, '').replace(/\.test\.ts$/, '');
  const namespace = `${lane.tag}-${stem}`;
  const dir = join(lane.dir, 'files', stem);
  mkdirSync(dir, { recursive: true });
  // Not the machine's, which others use too.
  const temporary = join(lane.dir, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const onDocker = lane.dockerHost !== undefined && lane.target === 'docker';
  const program = onDocker ? 'docker' : builtProgram;
  const own = onDocker ? { DOCKER_HOST: lane.dockerHost } : { CONTAINERD_NAMESPACE: namespace, TMPDIR: temporary };
  const env = (extra: RunOptions['env']) => ({ ...own, ...extra });
  const call: Box['nerdctl'] = (args, o = {}) => run(program, args, { ...o, env: env(o.env) });
  let atStart = new Set<string>();
  // Node 20 begins a file's own `before` while ours is still under way: whoever comes first waits for the images.
  const setUp = async () => {
    if (onDocker) {
      const loaded = await call(['load', '-i', lane.archive]);
      assert.equal(loaded.code, 0, loaded.stderr);
      return;
    }
    await ctr(['images', 'import', lane.archive]);
    atStart = new Set(await leftovers(ctr, namespace, temporary, lane.user));
  };
  let images: Promise<void> | undefined;
  const ready = () => {
    images ??= setUp();
    return images;
  };
  const nerdctl: Box['nerdctl'] = async (args, o) => {
    await ready();
    return call(args, o);
  };
  const ctr: Box['ctr'] = async (args) => {
    const all = ['--address', lane.address, '--namespace', namespace, ...args];
    return (await exec(lane.ctr, all, { maxBuffer: 1 << 26 })).stdout;
  };
  // What a failed test leaves open would keep the file from ending.
  const open: (() => void)[] = [];
  const buildkits = new Map<string, Promise<BuildKit>>();
  const box: Box = {
    lane,
    onDocker,
    namespace,
    dir,
    nerdctl,
    ctr,
    ok: async (args, options) => {
      const result = await nerdctl(args, options);
      assert.equal(result.code, 0, `nerdctl ${args.join(' ')}: exit ${result.code}\n${result.stdout}${result.stderr}`);
      return result.stdout.replace(/\n$/, '');
    },
    fails: async (args, code, sentence, options) => {
      const result = await nerdctl(args, options);
      assert.match(result.stderr, sentence, `nerdctl ${args.join(' ')}: exit ${result.code}`);
      assert.equal(result.code, code, result.stderr);
      assert.doesNotMatch(result.stderr, /\n\s+at .*:\d+:\d+|node:internal/, 'a stack trace');
      return result;
    },
    start: (args, o = {}) => {
      const running = start(program, args, { ...o, env: env(o.env) });
      open.push(() => running.kill('SIGKILL'));
      return running;
    },
    terminal: (args, o = {}) => {
      const terminal = openTerminal(program, args, { ...o, env: env(o.env) });
      let ended = false;
      void terminal.ended.then(() => {
        ended = true;
      });
      open.push(() => ended || terminal.kill('SIGKILL'));
      return terminal;
    },
    inspect: async (name, type) => {
      const [object] = JSON.parse(await box.ok(['inspect', ...(type === undefined ? [] : ['--type', type]), name]));
      return object;
    },
    name: (what = 'c') => `${what}-${randomBytes(4).toString('hex')}`,
    leavesNothing: async (work) => {
      if (onDocker) return work();
      const then = new Set(await leftovers(ctr, namespace, temporary, lane.user));
      await work();
      await demandNothing(then);
    },
    buildkit: (options = {}) => {
      const key = JSON.stringify(options);
      const started = buildkits.get(key) ?? startBuildKit(namespace, options);
      buildkits.set(key, started);
      return started;
    },
    containerd: {
      pid: () => Number(readFileSync(join(lane.engineDir, 'pid'), 'utf8')),
      kill: async (signal) => {
        const pid = box.containerd.pid();
        process.kill(pid, signal);
        // Its first thread may end before those that still answer.
        await eventually(() => !isAlive(pid) && threadsOf(pid) <= 1, 'containerd to end');
      },
      start: () => startContainerd(lane.source, lane.engineDir),
    },
  };

  async function demandNothing(then: Set<string>): Promise<void> {
    let more: string[] = [];
    const isClean = async () => {
      more = (await leftovers(ctr, namespace, temporary, lane.user)).filter((thing) => !then.has(thing));
      return more.length === 0;
    };
    // Shims and monitors end a moment after the command that removed their container.
    await eventually(isClean, 'shims to end', 5_000).catch(() => assert.deepEqual(more, [], 'left behind'));
  }

  async function removeAll(): Promise<void> {
    const ids = (await ctr(['containers', 'ls', '-q'])).split('\n').filter(Boolean);
    if (ids.length > 0) await nerdctl(['rm', '-f', ...ids]);
    for (const id of (await ctr(['containers', 'ls', '-q'])).split('\n').filter(Boolean)) {
      await ctr(['tasks', 'kill', '-s', 'SIGKILL', id]).catch(() => {});
      await ctr(['tasks', 'rm', '-f', id]).catch(() => {});
      await ctr(['containers', 'rm', id]).catch(() => {});
    }
  }

  before(ready);
  after(async () => {
    for (const close of open) close();
    // One that did not start has failed the test that asked for it.
    for (const start of await Promise.allSettled(buildkits.values()))
      if (start.status === 'fulfilled') await start.value.stop();
    if (onDocker) return;
    await removeAll();
    await demandNothing(atStart);
    rmSync(dir, { recursive: true, force: true });
  });
  return box;
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** Pids whose command line matches, oldest first. */
export async function pidsOf(pattern: RegExp): Promise<number[]> {
  const { stdout } = await exec('ps', ['-eo', 'pid=,args=', '--sort=start_time'], { maxBuffer: 1 << 24 });
  return stdout
    .split('\n')
    .filter((line) => pattern.test(line) && !/ps -eo/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

/** The page at a published port, once something answers there. */
export async function fetchPage(port: number, path = '/', host = '127.0.0.1'): Promise<string> {
  const once = () =>
    new Promise<string | undefined>((resolve) => {
      const call = request({ host, port, path, timeout: 2_000, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      });
      call.on('error', () => resolve(undefined));
      call.on('timeout', () => call.destroy());
      call.end();
    });
  return eventually(once, `a page at ${host}:${port}`);
}

export function temporaryDir(box: Box): string {
  return mkdtempSync(join(box.dir, 'd-'));
}
