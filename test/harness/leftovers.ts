import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemdBooted } from '../../src/host/cgroups.ts';
import { type EngineSide, engineSide } from './engine-side.ts';
import type { TestUser } from './user.ts';

const exec = promisify(execFile);

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function walk(dir: string, keep: (path: string) => boolean): string[] {
  return list(dir).flatMap((name) => {
    const path = join(dir, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    const below = stat?.isDirectory() ? walk(path, keep) : [];
    return keep(path) ? [path, ...below] : below;
  });
}

async function lines(file: string, args: string[]): Promise<string[]> {
  const { stdout } = await exec(file, args, { maxBuffer: 1 << 26 });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Rules of one container: chains of one endpoint, DNAT entries, single addresses. The chains that CNI makes once stay. */
async function rules(side: EngineSide): Promise<string[]> {
  const run = (tool: string) => lines(...side.inNetwork(tool, [])).catch(() => []);
  const all = await Promise.all(['iptables-save', 'ip6tables-save'].map(run));
  return all
    .flat()
    .filter((rule) => /CNI-[0-9a-f]{24}|CNI-[DS]N-|\/32\b|\/128\b/.test(rule) && !/127\.0\.0\.1\/32/.test(rule));
}

async function links(side: EngineSide): Promise<string[]> {
  const all = await lines(...side.inNetwork('ip', ['-o', 'link', 'show']));
  const names = all.map((line) => line.split(': ')[1]?.split('@')[0] ?? '');
  return names.filter((name) => !/^(lo|lan0|tap0|nerdctl0|docker0|docker-side\d+)$/.test(name));
}

function processes(): string[] {
  return list('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const program = words.find((word) => /containerd-shim|nerdctl-monitor|main\.cjs|\/nerdctl$/.test(word));
      return program === undefined ? [] : [`${pid} ${words.join(' ').trim()}`];
    } catch {
      return [];
    }
  });
}

function mounts(side: EngineSide): string[] {
  return (
    readFileSync(side.mountinfo, 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      // The first network namespace makes the directory of all a mount of its own, as `ip netns` does.
      .filter((point) => point !== '' && point !== '/run/netns')
  );
}

function cgroups(namespace: string): string[] {
  const top = '/sys/fs/cgroup';
  if (systemdBooted()) return walk(top, (path) => /\/nerdctl-[0-9a-f]{64}\.scope$/.test(path));
  return [top, ...list(top).map((name) => join(top, name))].flatMap((root) =>
    list(join(root, namespace))
      .map((name) => join(root, namespace, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory()),
  );
}

function files(side: EngineSide, namespace: string): string[] {
  const store = list(side.dataRoot).flatMap((hex) =>
    ['', 'containers', 'names', 'etchosts', 'operations', 'network-failures'].flatMap((kind) => {
      const dir = join(side.dataRoot, hex, kind, namespace);
      return list(dir).map((name) => join(dir, name));
    }),
  );
  const leases = walk(join(side.root, '/var/lib/cni'), (path) => {
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    return isFile && !/\/(lock|last_reserved_ip\.\d+|.*\.lock)$/.test(path);
  });
  const run = [
    ...walk(join(side.root, '/run/nerdctl'), (path) => !statSync(path).isDirectory() && !path.endsWith('.lock')),
    ...walk(join(side.root, '/run/containerd/fifo'), () => true),
  ];
  const runtime = ['runc', 'io.containerd.runtime.v2.task', 'state/io.containerd.runtime.v2.task'].flatMap((name) => {
    const dir = join(side.root, '/run/containerd', name, namespace);
    return list(dir).map((entry) => join(dir, entry));
  });
  return [...store, ...leases, ...run, ...runtime];
}

/** Descriptors that name a deleted file of the store: a process that keeps a removed container's log open. */
function heldFiles(side: EngineSide): string[] {
  return list('/proc').flatMap((pid) =>
    /^\d+$/.test(pid)
      ? list(`/proc/${pid}/fd`).flatMap((fd) => {
          try {
            const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
            return target.startsWith(`${side.dataRoot}/`) && target.endsWith('(deleted)') ? [`${pid} ${target}`] : [];
          } catch {
            return [];
          }
        })
      : [],
  );
}

/** What BuildKit keeps between builds has ids of 25 letters, and leases that say whose they are. */
const ofBuildCache = /^[0-9a-z]{25}(-\w+)?\s|^sha256:\w+-view\s|\sbuildkit\//;

/**
 * Everything on the sandbox's machine that a container can leave behind, one `kind: thing` per line.
 * @param temporary the program's TMPDIR
 * @param user of an engine without root
 */
export async function leftovers(
  ctr: (args: string[]) => Promise<string>,
  namespace: string,
  temporary: string,
  user?: TestUser,
): Promise<string[]> {
  const side = engineSide(user);
  const rows = async (args: string[], keep = (row: string) => row !== '') =>
    (await ctr(args))
      .split('\n')
      .slice(1)
      .filter((row) => row.trim() !== '' && keep(row));
  const kinds: Record<string, string[] | Promise<string[]>> = {
    // Before those that ask by starting our own monitor.
    process: processes(),
    container: rows(['containers', 'ls']),
    task: rows(['tasks', 'ls']),
    snapshot: rows(['snapshots', 'ls'], (row) => /\s(Active|View)\s*$/.test(row) && !ofBuildCache.test(row)),
    lease: rows(['leases', 'ls'], (row) => !ofBuildCache.test(row)),
    ingest: rows(['content', 'active']),
    netns: list(join(side.root, '/run/netns')),
    link: links(side),
    rule: rules(side),
    'held file': heldFiles(side),
    port: side.ports(),
    mount: mounts(side),
    cgroup: cgroups(namespace).filter((path) => !path.endsWith('/buildkit')),
    file: [...files(side, namespace), ...list(temporary)],
  };
  const found = await Promise.all(
    Object.entries(kinds).map(async ([kind, things]) => (await things).map((thing) => `${kind}: ${thing}`)),
  );
  return found.flat();
}
