import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { killNow } from '../../src/host/proc.ts';
import { isAlive } from './alive.ts';
import { sha256 } from './archive.ts';
import { archiveKeyring, debianMirror, type Found } from './debs.ts';
import type { EngineSource } from './engines.ts';
import { eventually } from './eventually.ts';
import { type Result, run } from './program.ts';

const exec = promisify(execFile);
const top = fileURLToPath(new URL('../..', import.meta.url));
const suite = 'trixie';

/** A machine with systemd as PID 1 (systemd-nspawn), nerdctl installed below /usr/local; its files last over reboots. */
export interface Machine {
  /** Runs a command inside, as root or as the user; the machine must be up. */
  run(args: readonly string[], options?: { user?: string; timeout?: number }): Promise<Result>;
  /** Demands exit code 0; returns stdout without the last newline. */
  ok(args: readonly string[], options?: { user?: string; timeout?: number }): Promise<string>;
  /** What to spawn for a command inside. */
  inside(args: readonly string[], user?: string): [file: string, args: string[]];
  boot(): Promise<void>;
  /** In good order, as by the power button. */
  powerOff(): Promise<void>;
  /** At once, as by pulling the plug. */
  powerCut(): Promise<void>;
  /** Power off if need be, and remove everything. */
  remove(): Promise<void>;
}

/** Why there can be no such machine here, or undefined. */
export function lacksMachine(): string | undefined {
  if (process.getuid?.() !== 0) return 'this machine lacks root';
  const missing = ['systemd-nspawn', 'mmdebstrap', 'nsenter'].find((name) => !onPath(name));
  if (missing !== undefined) return `this machine lacks ${missing} (packages systemd-container, mmdebstrap)`;
  return existsSync(archiveKeyring) ? undefined : `this machine lacks Debian's archive keyring`;
}

function onPath(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((dir) => existsSync(join(dir, name)));
}

const packages = [
  'systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,kmod,procps,iproute2,curl,busybox-static,nodejs',
  'tini,openssl,xz-utils,zstd',
  'containerd,runc,iptables,containernetworking-plugins,rootlesskit,slirp4netns,uidmap',
].join(',');

/** A Debian with containerd and all else that is needed, made once: half a minute and 490 MB. */
async function machineFiles(cache: string): Promise<Found<{ root: string }>> {
  const root = join(cache, `${suite}-${sha256(packages).slice(0, 8)}`);
  if (existsSync(root)) return { root };
  const mirror = await debianMirror();
  if (mirror === undefined) return { missing: 'a Debian mirror in the apt sources' };
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'new-'));
  const args = ['--quiet', '--variant=minbase', `--include=${packages}`, '--aptopt=APT::Install-Recommends "false"'];
  try {
    await exec('mmdebstrap', [...args, suite, fresh, mirror], { maxBuffer: 1 << 26 });
    renameSync(fresh, root);
    return { root };
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    return {
      missing: `a Debian made by mmdebstrap: ${(error as { stderr?: string }).stderr?.trim().split('\n').pop()}`,
    };
  }
}

export const machineEnv = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };

/** What it has of containerd. */
export const machineEngine: EngineSource = {
  name: '1.7',
  version: "1.7 of Debian 13's unit",
  path: machineEnv.PATH,
  cniPath: '/usr/lib/cni',
};

/** nspawn runs in cgroups of its own, so that what it leaves there can be removed. */
const cgroupRoots = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup'].filter((dir) =>
  existsSync(join(dir, 'cgroup.procs')),
);

const script = `
set -eu
dir=$1 lower=$2 name=$3; shift 3
for root in ${cgroupRoots.join(' ')}; do mkdir -p "$root/$name"; echo $$ >"$root/$name/cgroup.procs"; done
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
exec systemd-nspawn --quiet -D "$dir/root" --boot --register=no --keep-unit "--machine=$name" --console=pipe \\
  --private-network --capability=all --system-call-filter=@keyring --system-call-filter=bpf \\
  "--bind=$dir/containerd:/var/lib/containerd" "--bind=$dir/home:/home" \\
  "--bind=$dir/dev/tun:/dev/net/tun" "--bind=$dir/dev/fuse:/dev/fuse" "$@"`;

/**
 * A machine of its own for a test; not booted yet.
 * @param files of the machine that is to be there at the first boot: path and text
 * @param binds further options of systemd-nspawn, as `--bind-ro=/a:/b`
 */
export async function openMachine(files: Record<string, string> = {}, binds: string[] = []): Promise<Found<Machine>> {
  const made = await machineFiles(join(top, '.cache/machines'));
  if ('missing' in made) return made;
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-machine-'));
  const name = dir.replace(/^.*\//, '');
  for (const sub of ['upper', 'work', 'root', 'containerd', 'home', 'dev']) mkdirSync(join(dir, sub));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, 'upper', path, '..'), { recursive: true });
    writeFileSync(join(dir, 'upper', path), text);
  }
  // The kernel's settings that it could write are this machine's.
  const units = join(dir, 'upper/etc/systemd/system');
  mkdirSync(units, { recursive: true });
  for (const unit of ['systemd-sysctl', 'systemd-modules-load', 'systemd-binfmt'])
    symlinkSync('/dev/null', join(units, `${unit}.service`));
  for (const [device, minor] of [
    ['tun', '200'],
    ['fuse', '229'],
  ] as const)
    execFileSync('mknod', ['-m', '666', join(dir, 'dev', device), 'c', '10', minor]);
  await exec('sh', [join(top, 'scripts/install.sh'), 'install'], {
    env: { ...process.env, DESTDIR: join(dir, 'upper'), PREFIX: '/usr/local', NODE: '/nonexistent' },
  });

  let nspawn: ReturnType<typeof spawn> | undefined;
  let init = 0;
  const machine: Machine = {
    inside: (args, user) => {
      const as = user === undefined ? [] : ['runuser', '-u', user, '--'];
      return ['/usr/bin/nsenter', ['-t', String(init), '-a', '--', ...as, ...args]];
    },
    run: (args, { user, timeout } = {}) => run(...machine.inside(args, user), { env: machineEnv, timeout }),
    ok: async (args, options) => {
      const result = await machine.run(args, options);
      assert.equal(result.code, 0, `${args.join(' ')}: exit ${result.code}\n${result.stdout}${result.stderr}`);
      return result.stdout.replace(/\n$/, '');
    },
    boot: async () => {
      const args = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', dir, made.root, name, ...binds];
      nspawn = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      let console = '';
      for (const stream of [nspawn.stdout, nspawn.stderr]) stream?.on('data', (text) => (console += text));
      const { pid } = nspawn;
      const child = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number);
      await eventually(
        async () => {
          assert.equal(nspawn?.exitCode, null, `systemd-nspawn ended: ${console}`);
          init = child().find((each) => each > 0) ?? 0;
          if (init === 0) return false;
          const { stdout } = await machine.run(['systemctl', 'is-system-running']);
          return /running|degraded/.test(stdout);
        },
        'the machine to be up',
        60_000,
      );
    },
    powerOff: () => end('SIGTERM'),
    powerCut: () => end('SIGKILL'),
    remove: async () => {
      await machine.powerOff();
      removeFiles();
    },
  };

  function removeFiles(): void {
    process.removeListener('exit', abandon);
    removeCgroups(name);
    rmSync(dir, { recursive: true, force: true });
  }

  /** At the end of a process that has not removed it, as one that was interrupted. */
  function abandon(): void {
    if (isRunning()) for (const pid of [init, nspawn?.pid]) if (pid) killNow(pid);
    for (let tries = 0; tries < 100 && init > 0 && isAlive(init); tries++) execFileSync('sleep', ['0.05']);
    removeFiles();
  }
  process.once('exit', abandon);

  function isRunning(): boolean {
    return nspawn?.pid !== undefined && nspawn.exitCode === null && nspawn.signalCode === null;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!nspawn || !isRunning()) return;
    const gone = once(nspawn, 'exit');
    if (signal === 'SIGKILL') process.kill(init, signal);
    else nspawn.kill(signal);
    await gone;
    await eventually(() => !isAlive(init), 'the machine to be down');
  }
  return machine;
}

function removeCgroups(name: string): void {
  for (const root of cgroupRoots) {
    const dir = join(root, name);
    if (statSync(dir, { throwIfNoEntry: false })?.isDirectory())
      execFileSync('find', [dir, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+'], { stdio: 'ignore' });
  }
}
