import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { dataStoreRoot } from '../../host/data-store.ts';
import { findExecutable, pathDirs } from '../../host/executables.ts';
import type { Settings } from '../settings.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** One of the programs that the engine consists of, as it is run where no service manager does. */
export interface DaemonPlan {
  name: 'containerd' | 'buildkitd';
  args: string[];
  socket: string;
  pidFile: string;
  log: string;
  /** What distributions call its unit of systemd. */
  unit: string;
}

export interface ServicePlan {
  containerd: DaemonPlan;
  /** Of the engine at the common address only: there is one place where a BuildKit is looked for. */
  buildkitd?: DaemonPlan;
  /** Held by who starts or stops. */
  lock: string;
}

const commonAddress = '/run/containerd/containerd.sock';

/** Where the files of an engine that root runs are: those of another address have its hash in their names. */
export function servicePlan({ address, dataRoot, namespace, snapshotter }: Settings): ServicePlan {
  const suffix = address === commonAddress ? '' : `-${dataStoreRoot(dataRoot, address).slice(-8)}`;
  const files = (name: string) => ({
    pidFile: `/run/nerdctl/${name}${suffix}.pid`,
    log: `/var/log/nerdctl/${name}${suffix}.log`,
  });
  const containerd: DaemonPlan = {
    name: 'containerd',
    args: ['--address', address],
    socket: address,
    unit: 'containerd.service',
    ...files('containerd'),
  };
  const plan: ServicePlan = { containerd, lock: `/run/nerdctl/engine${suffix}.lock` };
  if (address !== commonAddress) return plan;
  // In the namespace of the images, so that what is built need not be moved.
  const worker = ['--oci-worker=false', '--containerd-worker=true', `--containerd-worker-namespace=${namespace}`];
  worker.push(`--containerd-worker-snapshotter=${snapshotter}`);
  plan.buildkitd = {
    name: 'buildkitd',
    args: existsSync('/etc/buildkit/buildkitd.toml') ? [] : worker,
    socket: '/run/buildkit/buildkitd.sock',
    unit: 'buildkit.service',
    ...files('buildkitd'),
  };
  return plan;
}

/** Where distributions and people put programs, besides PATH. */
const places = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/opt/bin'];

export function searchPath(env: Env): string[] {
  return [...new Set([...pathDirs(env.PATH), ...places, '/opt/containerd/bin'])];
}

export function findDaemon(name: string, env: Env): string | undefined {
  return findExecutable(name, searchPath(env));
}

/** What daemons get of our environment: no more than a service manager would give them, and the proxies. */
export function daemonEnvironment(env: Env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => /^(HOME|LANG|LC_.*|TZ|(https?|no|all|ftp)_proxy)$/i.test(name));
  return { HOME: '/root', ...Object.fromEntries(kept), PATH: searchPath(env).join(delimiter) };
}
