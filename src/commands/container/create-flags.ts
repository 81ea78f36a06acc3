import { flagTable } from '../../cli/command.ts';
import { parseCpus } from '../../docker/flags/cpus.ts';
import { parseThrottleBps, parseThrottleIops, parseWeightDevice } from '../../docker/flags/device.ts';
import { parseEnv, parseLabel } from '../../docker/flags/env.ts';
import { parseExtraHost } from '../../docker/flags/extra-host.ts';
import { parseMountFlag } from '../../docker/flags/mount.ts';
import { parseNetworkFlag } from '../../docker/flags/network.ts';
import { parseAttachStream, parseDnsSearch, parseDnsServer, parseSysctl } from '../../docker/flags/options.ts';
import { parseUlimit } from '../../docker/flags/ulimit.ts';

/** Docker refuses these values as those of the flag, with the command's usage: `invalid argument "x" for "--dns" flag: …`. */
const check = {
  env: (value: string) => void parseEnv(value, () => undefined),
  mount: (value: string) => void parseMountFlag(value, (path) => path),
};

const ioFlags = flagTable({
  attach: {
    type: 'slice',
    short: 'a',
    check: parseAttachStream,
    complete: 'stderr|stdin|stdout',
    help: 'Attach to STDIN, STDOUT or STDERR',
  },
  'detach-keys': { type: 'string', complete: 'ctrl-', help: 'Override the key sequence for detaching a container' },
  interactive: { type: 'bool', short: 'i', help: 'Keep STDIN open even if not attached' },
  'sig-proxy': { type: 'bool', default: true, help: 'Proxy received signals to the process' },
  tty: { type: 'bool', short: 't', help: 'Allocate a pseudo-TTY' },
});

const identityFlags = flagTable({
  annotation: {
    type: 'array',
    value: 'map',
    defaultText: 'map[]',
    help: 'Add an annotation to the container (passed through to the OCI runtime)',
  },
  cidfile: { type: 'string', complete: '<files>', help: 'Write the container ID to the file' },
  label: { type: 'array', short: 'l', check: parseLabel, help: 'Set meta data on a container' },
  'label-file': { type: 'slice', complete: '<files>', help: 'Read in a line delimited file of labels' },
  name: { type: 'string', help: 'Assign a name to the container' },
  pidfile: { type: 'string', complete: '<files>', help: "Write the process ID of the container's init to the file" },
});

const imageFlags = flagTable({
  'disable-content-trust': { type: 'bool', default: true, hidden: true, help: 'Skip image verification' },
  platform: { type: 'string', complete: '<platforms>', help: 'Set platform if server is multi-platform capable' },
  pull: {
    type: 'string',
    default: 'missing',
    complete: 'always|missing|never',
    help: 'Pull image before running ("always", "missing", "never")',
  },
  quiet: { type: 'bool', short: 'q', help: 'Suppress the pull output' },
});

const processFlags = flagTable({
  entrypoint: { type: 'array', value: 'string', help: 'Overwrite the default ENTRYPOINT of the image' },
  env: { type: 'array', short: 'e', check: check.env, complete: '<env>', help: 'Set environment variables' },
  'env-file': { type: 'slice', complete: '<files>', help: 'Read in a file of environment variables' },
  'group-add': { type: 'slice', help: 'Add additional groups to join' },
  init: { type: 'bool', help: 'Run an init inside the container that forwards signals and reaps processes' },
  'init-binary': { type: 'string', hidden: true, complete: '<files>', help: 'The init to use with --init' },
  restart: {
    type: 'string',
    default: 'no',
    complete: 'no|always|on-failure|unless-stopped',
    help: 'Restart policy to apply when a container exits',
  },
  rm: { type: 'bool', help: 'Automatically remove the container and its associated anonymous volumes when it exits' },
  runtime: { type: 'string', help: 'Runtime to use for this container' },
  'stop-signal': { type: 'string', complete: '<signals>', help: 'Signal to stop the container' },
  'stop-timeout': { type: 'int', help: 'Timeout (in seconds) to stop a container' },
  user: { type: 'string', short: 'u', help: 'Username or UID (format: <name|uid>[:<group|gid>])' },
  workdir: { type: 'string', short: 'w', help: 'Working directory inside the container' },
});

const networkFlags = flagTable({
  'add-host': { type: 'slice', check: parseExtraHost, help: 'Add a custom host-to-IP mapping (host:ip)' },
  dns: { type: 'slice', check: parseDnsServer, help: 'Set custom DNS servers' },
  'dns-opt': { type: 'alias', of: 'dns-option', hidden: true, help: '' },
  'dns-option': { type: 'slice', help: 'Set DNS options' },
  'dns-search': { type: 'slice', check: parseDnsSearch, help: 'Set custom DNS search domains' },
  domainname: { type: 'string', help: 'Container NIS domain name' },
  expose: { type: 'slice', help: 'Expose a port or a range of ports' },
  hostname: { type: 'string', short: 'h', help: 'Container host name' },
  ip: { type: 'string', help: 'IPv4 address (e.g., 172.30.100.104)' },
  ip6: { type: 'string', help: 'IPv6 address (e.g., 2001:db8::33)' },
  'mac-address': { type: 'string', help: 'Container MAC address (e.g., 92:d0:c6:0a:29:33)' },
  net: { type: 'alias', of: 'network', hidden: true, help: '' },
  'net-alias': { type: 'alias', of: 'network-alias', hidden: true, help: '' },
  network: {
    type: 'array',
    value: 'network',
    check: parseNetworkFlag,
    complete: '<networks>|container:<running>',
    help: 'Connect a container to a network',
  },
  'network-alias': { type: 'slice', help: 'Add network-scoped alias for the container' },
  publish: { type: 'slice', short: 'p', help: "Publish a container's port(s) to the host" },
  'publish-all': { type: 'bool', short: 'P', help: 'Publish all exposed ports to random ports' },
});

const storageFlags = flagTable({
  mount: {
    type: 'array',
    value: 'mount',
    check: check.mount,
    complete: '<mount>',
    help: 'Attach a filesystem mount to the container',
  },
  'read-only': { type: 'bool', help: "Mount the container's root filesystem as read only" },
  'shm-size': { type: 'bytes', help: 'Size of /dev/shm' },
  tmpfs: { type: 'array', help: 'Mount a tmpfs directory' },
  volume: { type: 'array', short: 'v', complete: '<volume-sources>', help: 'Bind mount a volume' },
  'volumes-from': { type: 'array', complete: '<containers>', help: 'Mount volumes from the specified container(s)' },
});

const isolationFlags = flagTable({
  'cap-add': { type: 'slice', complete: '<capabilities>', help: 'Add Linux capabilities' },
  'cap-drop': { type: 'slice', complete: '<capabilities>', help: 'Drop Linux capabilities' },
  'cgroup-parent': { type: 'string', help: 'Optional parent cgroup for the container' },
  cgroupns: {
    type: 'string',
    complete: 'host|private',
    help:
      'Cgroup namespace to use (host|private)\n' +
      "'host':    Run the container in the Docker host's cgroup namespace\n" +
      "'private': Run the container in its own private cgroup namespace\n" +
      "'':        Use the cgroup namespace as configured by the\n" +
      '           default-cgroupns-mode option on the daemon (default)',
  },
  device: { type: 'slice', complete: '<files>', help: 'Add a host device to the container' },
  ipc: { type: 'string', complete: 'host|none|private|shareable|container:<containers>', help: 'IPC mode to use' },
  pid: { type: 'string', complete: 'host|container:<containers>', help: 'PID namespace to use' },
  privileged: { type: 'bool', help: 'Give extended privileges to this container' },
  'security-opt': {
    type: 'array',
    complete: 'apparmor=|label=|no-new-privileges|seccomp=|systempaths=unconfined',
    help: 'Security Options',
  },
  sysctl: { type: 'array', value: 'map', defaultText: 'map[]', check: parseSysctl, help: 'Sysctl options' },
  userns: { type: 'string', complete: 'host', help: 'User namespace to use' },
  uts: { type: 'string', complete: 'host', help: 'UTS namespace to use' },
});

const deviceLimit = (help: string, check: (value: string) => unknown) =>
  ({ type: 'array', defaultText: '[]', complete: '<files>', help, check }) as const;

const resourceFlags = flagTable({
  'blkio-weight': {
    type: 'uint',
    bits: 16,
    defaultText: '0',
    help: 'Block IO (relative weight), between 10 and 1000, or 0 to disable',
  },
  'blkio-weight-device': deviceLimit('Block IO weight (relative device weight)', parseWeightDevice),
  'cpu-period': { type: 'int', help: 'Limit CPU CFS (Completely Fair Scheduler) period' },
  'cpu-quota': { type: 'int', help: 'Limit CPU CFS (Completely Fair Scheduler) quota' },
  'cpu-shares': { type: 'int', short: 'c', help: 'CPU shares (relative weight)' },
  cpus: { type: 'string', value: 'decimal', check: parseCpus, help: 'Number of CPUs' },
  'cpuset-cpus': { type: 'string', help: 'CPUs in which to allow execution (0-3, 0,1)' },
  'cpuset-mems': { type: 'string', help: 'MEMs in which to allow execution (0-3, 0,1)' },
  'device-read-bps': deviceLimit('Limit read rate (bytes per second) from a device', parseThrottleBps),
  'device-read-iops': deviceLimit('Limit read rate (IO per second) from a device', parseThrottleIops),
  'device-write-bps': deviceLimit('Limit write rate (bytes per second) to a device', parseThrottleBps),
  'device-write-iops': deviceLimit('Limit write rate (IO per second) to a device', parseThrottleIops),
  'kernel-memory': { type: 'bytes', hidden: true, help: 'Kernel memory limit' },
  memory: { type: 'bytes', short: 'm', help: 'Memory limit' },
  'memory-reservation': { type: 'bytes', help: 'Memory soft limit' },
  'memory-swap': {
    type: 'bytes',
    minusOne: true,
    help: "Swap limit equal to memory plus swap: '-1' to enable unlimited swap",
  },
  'memory-swappiness': { type: 'int', default: -1, help: 'Tune container memory swappiness (0 to 100)' },
  'oom-kill-disable': { type: 'bool', help: 'Disable OOM Killer' },
  'oom-score-adj': { type: 'int', help: "Tune host's OOM preferences (-1000 to 1000)" },
  'pids-limit': { type: 'int', help: 'Tune container pids limit (set -1 for unlimited)' },
  ulimit: {
    type: 'slice',
    value: 'ulimit',
    defaultText: '[]',
    check: parseUlimit,
    complete: '<ulimits>',
    help: 'Ulimit options',
  },
});

const logFlags = flagTable({
  'log-driver': { type: 'string', complete: 'json-file|none', help: 'Logging driver for the container' },
  'log-opt': { type: 'array', complete: 'max-file=|max-size=', help: 'Log driver options' },
});

/** The flags that `run` and `create` share, grouped by what they configure; help sorts them by name. */
export const createFlags = flagTable({
  ...ioFlags,
  ...identityFlags,
  ...imageFlags,
  ...processFlags,
  ...networkFlags,
  ...storageFlags,
  ...isolationFlags,
  ...resourceFlags,
  ...logFlags,
});
