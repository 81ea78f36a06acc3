import { type FlagTable, flagTable } from './flags.ts';

function socketPath(value: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1];
  if (scheme !== undefined && scheme !== 'unix')
    throw new Error(`only containerd's own socket can be used (unix:///path), not ${scheme}://`);
  if (value.replace(/^unix:\/\//, '') === '') throw new Error('the path of the socket is empty');
}

function defaultContext(value: string): void {
  if (value !== 'default' && value !== '')
    throw new Error('there is only the context "default": choose another containerd with --address');
}

/** The flags before the command; where a command has no flag of the same name or letter, after it too. */
export const globalFlags = flagTable({
  address: {
    type: 'string',
    short: 'a',
    check: socketPath,
    complete: '<files>',
    help: 'Address of containerd, with or without "unix://" (CONTAINERD_ADDRESS)',
    defaultText: '"/run/containerd/containerd.sock"',
  },
  'bridge-ip': {
    type: 'string',
    value: 'cidr',
    help: 'Address and network of the default bridge (NERDCTL_BRIDGE_IP)',
  },
  'cdi-spec-dirs': {
    type: 'slice',
    complete: '<dirs>',
    help: 'Directories of CDI specifications',
    defaultText: '[/etc/cdi,/var/run/cdi]',
  },
  'cgroup-manager': {
    type: 'string',
    complete: 'cgroupfs|none|systemd',
    help: 'Cgroup manager to use ("systemd", "cgroupfs", "none")',
  },
  'cni-netconfpath': { type: 'string', complete: '<dirs>', help: 'Directory of CNI configurations (NETCONFPATH)' },
  'cni-path': { type: 'string', complete: '<dirs>', help: 'Directory of CNI plugins (CNI_PATH)' },
  config: {
    type: 'string',
    complete: '<dirs>',
    help: 'Location of client config files (DOCKER_CONFIG)',
    defaultText: '"~/.docker"',
  },
  context: { type: 'string', short: 'c', check: defaultContext, hidden: true, help: 'Name of the context to use' },
  'data-root': { type: 'string', complete: '<dirs>', help: 'Directory of persistent state' },
  debug: { type: 'bool', short: 'D', help: 'Enable debug mode' },
  'debug-full': { type: 'bool', help: 'Enable debug mode with full output' },
  experimental: { type: 'bool', help: 'Enable experimental features (NERDCTL_EXPERIMENTAL)', defaultText: 'true' },
  'global-dns': { type: 'slice', hidden: true, help: 'DNS servers of every container' },
  'global-dns-opts': { type: 'slice', hidden: true, help: 'DNS options of every container' },
  'global-dns-search': { type: 'slice', hidden: true, help: 'DNS search domains of every container' },
  host: { type: 'string', short: 'H', check: socketPath, complete: 'unix://', help: 'The same as --address' },
  'host-gateway-ip': {
    type: 'string',
    help: 'Address that "host-gateway" of --add-host stands for (NERDCTL_HOST_GATEWAY_IP)',
  },
  'hosts-dir': { type: 'slice', complete: '<dirs>', help: 'Directories of registry configurations (hosts.toml)' },
  'insecure-registry': { type: 'bool', help: 'Skip verifying HTTPS certificates, and allow plain HTTP' },
  'kube-hide-dupe': { type: 'bool', help: 'Hide the duplicates that Kubernetes makes of images' },
  'log-level': {
    type: 'string',
    short: 'l',
    complete: 'debug|info|warn|error|fatal|panic',
    help: 'Set the logging level ("debug", "info", "warn", "error", "fatal")',
    default: 'info',
  },
  namespace: {
    type: 'string',
    short: 'n',
    complete: '<namespaces>',
    help: 'Containerd namespace, such as "moby" or "k8s.io" (CONTAINERD_NAMESPACE)',
    defaultText: '"default"',
  },
  'selinux-enabled': { type: 'bool', help: 'Enable SELinux support' },
  snapshotter: {
    type: 'string',
    complete: 'native|overlayfs',
    help: 'Containerd snapshotter (CONTAINERD_SNAPSHOTTER)',
    defaultText: '"overlayfs"',
  },
  'storage-driver': { type: 'string', hidden: true, help: 'The same as --snapshotter' },
  tls: { type: 'bool', hidden: true, help: 'Use TLS; implied by --tlsverify' },
  tlscacert: { type: 'string', hidden: true, help: 'Trust certs signed only by this CA' },
  tlscert: { type: 'string', hidden: true, help: 'Path to TLS certificate file' },
  tlskey: { type: 'string', hidden: true, help: 'Path to TLS key file' },
  tlsverify: { type: 'bool', hidden: true, help: 'Use TLS and verify the remote' },
  'userns-remap': { type: 'string', help: 'Remap user namespaces of containers to this user' },
  version: { type: 'bool', short: 'v', help: 'Print version information and quit' },
});

/** Those that the commands take too: all but `--version`, whose letter is the commands' (`-v`). */
export const persistentFlags: FlagTable = Object.fromEntries(
  Object.entries(globalFlags).filter(([name]) => name !== 'version'),
);

/** The command's flags and those of the global ones whose name and letter it leaves free. */
export function withGlobals(flags: FlagTable): FlagTable {
  const letters = new Set(Object.values(flags).map(({ short }) => short));
  const free = Object.entries(persistentFlags)
    .filter(([name]) => !Object.hasOwn(flags, name))
    .map(([name, spec]) => [name, letters.has(spec.short) ? { ...spec, short: undefined } : spec] as const);
  return { ...Object.fromEntries(free), ...flags };
}
