import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir } from '../../host/files.ts';
import { readMountInfo } from '../../host/mountinfo.ts';
import type { Container } from '../../runtime/containers.ts';
import type { HostConfig } from '../../runtime/spec/input.ts';
import { defaultShmSize } from '../../runtime/spec/mounts.ts';
import { specNamespaces } from '../../runtime/spec/namespaces.ts';
import type { Engine } from '../engine.ts';
import type { NetworkPlan } from '../network/mode.ts';
import { readDockerRecord } from './docker-record.ts';
import { chooseNamespaces, joined } from './namespaces.ts';
import { networkNamespace } from './network.ts';
import { packSpec, specOf } from './spec-record.ts';

/**
 * Before another start: namespaces that belong to other containers have new paths when those have been restarted, and
 * a reboot has unmounted the shared /dev/shm.
 */
export async function refreshNamespaces(
  engine: Engine,
  container: Container,
  stateDir: string,
  plan: NetworkPlan,
): Promise<void> {
  const hostConfig = readDockerRecord(stateDir)?.HostConfig;
  if (!hostConfig) return;
  await mountSharedShm(engine, hostConfig, stateDir);
  const joins = [hostConfig.IpcMode, hostConfig.PidMode].some((mode) => joined(mode)) || plan.kind === 'container';
  if (!joins) return;
  const network = await networkNamespace(engine, container.id, plan);
  const { choices } = await chooseNamespaces(engine, hostConfig, network, stateDir);
  const spec = specOf(container);
  const before = JSON.stringify(spec.linux.namespaces);
  spec.linux.namespaces = specNamespaces({ namespaces: choices });
  if (JSON.stringify(spec.linux.namespaces) === before) return;
  container.spec = packSpec(spec);
  await engine.containerd.containers.update({ id: container.id, spec: container.spec }, ['spec']);
}

/** `--ipc=shareable`: a tmpfs of the container's own that others may mount, too. */
export async function mountSharedShm(engine: Engine, hostConfig: HostConfig, stateDir: string): Promise<void> {
  if (hostConfig.IpcMode !== 'shareable') return;
  const target = join(stateDir, 'shm');
  if (existsSync(target) && readMountInfo().some((mount) => mount.mountPoint === target)) return;
  await ensureDir(target, 0o700);
  const size = hostConfig.ShmSize || defaultShmSize;
  const options = ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${size}`];
  await engine.host.mount({ type: 'tmpfs', source: 'shm', target, options });
}
