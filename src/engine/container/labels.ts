import { visibleLabels } from '../../docker/views/labels.ts';

/** Labels on containerd's container records. The first group is Go nerdctl's contract, the second is ours alone. */
export const label = {
  namespace: 'nerdctl/namespace',
  name: 'nerdctl/name',
  hostname: 'nerdctl/hostname',
  domainname: 'nerdctl/domainname',
  extraHosts: 'nerdctl/extraHosts',
  stateDir: 'nerdctl/state-dir',
  networks: 'nerdctl/networks',
  /** Only among the annotations. */
  networkNamespace: 'nerdctl/network-namespace',
  ports: 'nerdctl/ports',
  ip: 'nerdctl/ip',
  ip6: 'nerdctl/ip6',
  mac: 'nerdctl/mac-address',
  logUri: 'nerdctl/log-uri',
  logConfig: 'nerdctl/log-config',
  pidFile: 'nerdctl/pid-file',
  anonymousVolumes: 'nerdctl/anonymous-volumes',
  platform: 'nerdctl/platform',
  mounts: 'nerdctl/mounts',
  stopTimeout: 'nerdctl/stop-timeout',
  stopSignal: 'io.containerd.image.config.stop-signal',
  pidContainer: 'nerdctl/pid-container',
  ipc: 'nerdctl/ipc',
  error: 'nerdctl/error',
  autoRemove: 'nerdctl/auto-remove',
  hostConfig: 'nerdctl/host-config',
  dns: 'nerdctl/dns',
  user: 'nerdctl/user',
  privileged: 'nerdctl/privileged',
  exposedPorts: 'nerdctl/exposed-ports',
  restartPolicy: 'containerd.io/restart.policy',
  explicitlyStopped: 'containerd.io/restart.explicitly-stopped',
  /** Of Go nerdctl's containers only: what containerd's own restart monitor is to bring about. */
  restartStatus: 'containerd.io/restart.status',

  /** JSON {@link import('./state.ts').ExitState}: how the last run ended, kept after its task is deleted. */
  state: 'nerdctl/state',
  /** The digest of the image's config: docker's image ID. */
  imageId: 'nerdctl/image-id',
  /** JSON: the keys of user labels without a value, which containerd does not keep. */
  emptyLabels: 'nerdctl/empty-labels',
  /** `true`: made with -i. */
  openStdin: 'nerdctl/open-stdin',
} as const;

/** A container's labels as docker shows them. */
export function dockerLabels(labels: Record<string, string>): Record<string, string> {
  const empty = jsonLabel<string[]>(labels, label.emptyLabels) ?? [];
  return visibleLabels({ ...labels, ...Object.fromEntries(empty.map((key) => [key, ''])) });
}

/** The JSON value of a label, or undefined where it is absent or broken. */
export function jsonLabel<T>(labels: Record<string, string>, key: string): T | undefined {
  const text = labels[key];
  if (!text) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
