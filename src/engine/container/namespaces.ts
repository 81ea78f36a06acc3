import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import type { Container } from '../../runtime/containers.ts';
import type { HostConfig, NamespaceChoice, SpecInput } from '../../runtime/spec/input.ts';
import { namespaceOf } from '../../runtime/spec/namespaces.ts';
import type { Engine } from '../engine.ts';
import { stateDirOf } from './container-dir.ts';
import { findContainer } from './find.ts';
import { findTask, isAlive } from './task.ts';

export interface Namespaces {
  choices: SpecInput['namespaces'];
  shm?: SpecInput['shm'];
}

/**
 * Where the namespaces of a container come from, by docker's --ipc, --pid, --uts and --cgroupns. Asked again at each
 * start: the containers that are joined have new processes then.
 * @param network the choice that the network mode makes
 */
export async function chooseNamespaces(
  engine: Engine,
  hostConfig: HostConfig,
  network: NamespaceChoice,
  stateDir: string,
): Promise<Namespaces> {
  const [pid, ipc] = await Promise.all([pidNamespace(engine, hostConfig), ipcNamespace(engine, hostConfig, stateDir)]);
  return {
    choices: {
      network,
      pid,
      ipc: ipc.choice,
      uts: oneOf('UTS', hostConfig.UTSMode, ['', 'private', 'host']) === 'host' ? 'host' : 'private',
      cgroup: cgroupNamespace(hostConfig, existsSync('/sys/fs/cgroup/cgroup.controllers')),
    },
    ...(ipc.shm ? { shm: ipc.shm } : {}),
  };
}

async function pidNamespace(engine: Engine, hostConfig: HostConfig): Promise<NamespaceChoice> {
  const target = joined(hostConfig.PidMode);
  if (target !== undefined) return namespaceOf((await runningTarget(engine, target, 'PID')).pid, 'pid');
  return oneOf('PID', hostConfig.PidMode, ['', 'private', 'host']) === 'host' ? 'host' : 'private';
}

async function ipcNamespace(
  engine: Engine,
  hostConfig: HostConfig,
  stateDir: string,
): Promise<{ choice: NamespaceChoice; shm?: SpecInput['shm'] }> {
  const target = joined(hostConfig.IpcMode);
  if (target !== undefined) {
    const { pid, container } = await runningTarget(engine, target, 'IPC');
    const shm = join(stateDirOf(engine, container), 'shm');
    if (!existsSync(shm)) {
      throw new DockerError(
        'invalid',
        `can't join IPC of container ${container.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
      );
    }
    return { choice: namespaceOf(pid, 'ipc'), shm: { bind: shm } };
  }
  switch (oneOf('IPC', hostConfig.IpcMode, ['', 'private', 'host', 'shareable', 'none'])) {
    case 'host':
      return { choice: 'host', shm: { bind: '/dev/shm' } };
    case 'shareable':
      return { choice: 'private', shm: { bind: join(stateDir, 'shm') } };
    case 'none':
      return { choice: 'private', shm: 'none' };
    default:
      return { choice: 'private' };
  }
}

/** docker's default: private with cgroup v2, for privileged containers too, and the host's with v1. */
export function cgroupNamespace(hostConfig: HostConfig, unified: boolean): NamespaceChoice {
  const mode = oneOf('CGROUP', hostConfig.CgroupnsMode, ['', 'private', 'host']);
  if (mode) return mode as NamespaceChoice;
  return unified ? 'private' : 'host';
}

/** The container that `container:X` names. */
export function joined(mode: string | undefined): string | undefined {
  return mode?.startsWith('container:') ? mode.slice('container:'.length) : undefined;
}

export async function runningTarget(
  engine: Engine,
  ref: string,
  kind: string,
): Promise<{ container: Container; pid: number }> {
  const container = await findContainer(engine, ref);
  const task = await findTask(engine, container.id);
  if (!isAlive(task)) {
    throw new DockerError('conflict', `cannot join ${kind} of a non running container: ${container.id}`);
  }
  return { container, pid: task.pid };
}

function oneOf(kind: string, mode: string | undefined, allowed: string[]): string {
  const value = mode ?? '';
  if (!allowed.includes(value)) throw new DockerError('invalid', `invalid ${kind} mode: ${value}`);
  return value;
}
