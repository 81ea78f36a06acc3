import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('sandbox.sh', import.meta.url));

/** Which capability a sandbox lacks on this machine, or undefined where it can be made. */
export function sandboxMissing(): string | undefined {
  const probe = spawnSync(...asRoot(['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', 'true']), {
    encoding: 'utf8',
  });
  if (probe.status === 0) return undefined;
  return `root with namespaces (unshare): ${(probe.stderr || String(probe.error ?? '')).trim().split('\n').pop()}`;
}

function asRoot(argv: string[], env: Record<string, string> = {}): [string, string[]] {
  const withEnv = ['env', ...Object.entries(env).map(([k, v]) => `${k}=${v}`), ...argv];
  return process.getuid?.() === 0 ? ['env', withEnv.slice(1)] : ['sudo', ['-n', ...withEnv]];
}

/** cgroups outlive the namespaces of a lane: the directories of its containerd namespaces are removed after it. */
function removeCgroups(prefix: string): void {
  const top = '/sys/fs/cgroup';
  const remove = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true }))
      if (entry.isDirectory()) remove(join(dir, entry.name));
    rmdirSync(dir);
  };
  const roots = [top, ...readdirSync(top).map((name) => join(top, name))];
  for (const root of roots) {
    try {
      for (const name of readdirSync(root)) if (name.startsWith(prefix)) remove(join(root, name));
    } catch {
      // not a directory, not ours to remove, or already gone
    }
  }
}

export interface SandboxOptions {
  env: Record<string, string>;
  /** First letters of the containerd namespaces and cgroups used inside. */
  prefix: string;
  stdio?: 'inherit' | 'pipe';
}

export interface SandboxRun {
  output: string;
  code: number;
}

/** Runs a command in a sandbox (see sandbox.sh) as root; `{dir}` in the arguments is the sandbox's own tmpfs. */
export async function runInSandbox(argv: string[], options: SandboxOptions): Promise<SandboxRun> {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-box-'));
  const unshare = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const inside = argv.map((arg) => arg.replaceAll('{dir}', dir));
  const [file, args] = asRoot([...unshare, '--propagation', 'private', 'sh', script, dir, ...inside], {
    PATH: process.env.PATH ?? '',
    ...options.env,
  });
  const child = spawn(file, args, {
    stdio: options.stdio === 'inherit' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    detached: options.stdio !== 'inherit',
  });
  // Killed with its parent, the sandbox takes its mounts along: what is left of it is an empty directory.
  const stop = () => {
    // unshare blocks SIGTERM; sudo cannot be killed.
    child.kill(process.getuid?.() === 0 ? 'SIGKILL' : 'SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', stop);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve(status ?? (signal === null ? 1 : 128)));
    });
    return { output, code };
  } finally {
    process.removeListener('exit', stop);
    rmSync(dir, { recursive: true, force: true });
    removeCgroups(options.prefix);
  }
}
