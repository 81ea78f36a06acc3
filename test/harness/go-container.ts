import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connectContainerd } from '../../src/runtime/containerd.ts';
import type { Box } from './box.ts';
import { engineSide } from './engine-side.ts';
import { builtProgram } from './program.ts';

export interface GoContainer {
  id: string;
  stateDir: string;
  /** The data store of the lane's containerd. */
  store: string;
  /** Where Go nerdctl keeps the process that holds the published ports. */
  reserver: string;
}

/** Labels and annotations that Go nerdctl does not have. */
const ownLabels = ['nerdctl/image-id', 'nerdctl/open-stdin', 'nerdctl/state', 'nerdctl/ports'];

/**
 * A container as Go nerdctl 2 makes it: its labels, annotations and files, hooks instead of a network namespace, a
 * logger that is the program itself. Both name our program, as after a replacement at the same path. It is made from
 * one of ours, whose image and name are of no interest here.
 */
export async function goContainer(box: Box, createArgs: readonly string[]): Promise<GoContainer> {
  const id = await box.ok(['create', ...createArgs]);
  const containerd = connectContainerd({ address: box.lane.address, namespace: box.namespace });
  try {
    const record = await containerd.containers.get(id);
    const stateDir = record.labels['nerdctl/state-dir']!;
    const store = dirname(dirname(dirname(stateDir)));
    const labels = Object.fromEntries(
      Object.entries({
        ...record.labels,
        'nerdctl/log-uri': loggerUri(store),
        'nerdctl/host-config': '{"BlkioWeight":0,"CidFile":"","Devices":null}',
        'nerdctl/ipc': '{"mode":"private"}',
        'nerdctl/dns': '{"DNSServers":null,"DNSResolvConfOptions":null,"DNSSearchDomains":null}',
        'containerd.io/restart.explicitly-stopped': 'false',
        ...(record.labels['containerd.io/restart.policy'] && {
          'containerd.io/restart.loguri': loggerUri(store),
          // containerd's own monitor would act on it at a moment of its choosing
          'containerd.io/restart.status': 'paused',
        }),
      }).filter(([key]) => !ownLabels.includes(key)),
    );
    const spec = JSON.parse(new TextDecoder().decode(record.spec!.value));
    spec.annotations = Object.fromEntries(Object.entries(labels).filter(([key]) => key.includes('nerdctl/')));
    spec.hooks = { createRuntime: [hook(box, 'createRuntime')], poststop: [hook(box, 'postStop')] };
    for (const namespace of spec.linux.namespaces) if (namespace.type === 'network') delete namespace.path;
    const value = new TextEncoder().encode(JSON.stringify(spec));
    await containerd.containers.update({ id, labels, spec: { ...record.spec!, value } }, ['labels', 'spec']);
    const ours = join(stateDir, 'docker.json');
    const { HostConfig } = JSON.parse(readFileSync(ours, 'utf8')) as { HostConfig: { PortBindings?: PortBindings } };
    const portMappings = portMappingsOf(HostConfig.PortBindings ?? {});
    writeFileSync(join(stateDir, 'network-config.json'), JSON.stringify({ portMappings }));
    rmSync(ours);
    return { id, stateDir, store, reserver: join(engineSide(box.lane.user).root, '/run/nerdctl', box.namespace, id) };
  } finally {
    containerd.close();
  }
}

type PortBindings = Record<string, { HostPort: string }[]>;

function portMappingsOf(bindings: PortBindings) {
  return Object.entries(bindings).flatMap(([key, list]) => {
    const [port, Protocol] = key.split('/');
    const common = { ContainerPort: Number(port), Protocol, HostIP: '0.0.0.0' };
    return list.map(({ HostPort }) => ({ HostPort: Number(HostPort), ...common }));
  });
}

const loggerUri = (store: string) => `binary://${builtProgram}?_NERDCTL_INTERNAL_LOGGING=${encodeURIComponent(store)}`;

function hook({ lane, namespace }: Box, event: string) {
  const address = lane.user ? '/run/containerd/containerd.sock' : lane.address;
  const args = [builtProgram, `--address=${address}`, `--namespace=${namespace}`, 'internal', 'oci-hook', event];
  const env = [`PATH=${process.env.PATH}`, `CNI_PATH=${process.env.CNI_PATH ?? ''}`];
  // It hands its own environment over.
  const { user } = lane;
  if (user)
    env.push(`HOME=${user.home}`, `XDG_RUNTIME_DIR=${user.runtimeDir}`, `ROOTLESSKIT_STATE_DIR=${user.stateDir}`);
  return { path: builtProgram, args, env };
}

/** As Go nerdctl starts it: the task from the record's spec; its hook leaves a process that holds the ports. */
export async function startGoContainer(box: Box, { id, store, reserver }: GoContainer): Promise<void> {
  const containerd = connectContainerd({ address: box.lane.address, namespace: box.namespace });
  try {
    const { snapshotter } = await containerd.containers.get(id);
    const rootfs = await containerd.snapshots(snapshotter).mounts(id);
    const uri = loggerUri(store);
    await containerd.tasks.create({ containerId: id, rootfs, stdout: uri, stderr: uri });
    await containerd.tasks.start(id);
    if (existsSync(reserver)) return;
    mkdirSync(reserver, { recursive: true });
    const sleeper = spawn('sleep', ['infinity'], { detached: true, stdio: 'ignore' });
    sleeper.unref();
    writeFileSync(join(reserver, 'port-reserver.pid'), String(sleeper.pid));
  } finally {
    containerd.close();
  }
}
