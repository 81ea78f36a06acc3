import type { SpecInput } from './input.ts';
import type { Mount } from './oci.ts';
import { initDestination } from './process.ts';

export const defaultShmSize = 64 * 1024 * 1024;

// runc fills these itself; a read-only root must not make them read-only.
const alwaysWritable = new Set(['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue']);

/** All mounts in the order in which the runtime makes them: parents before children. */
export function specMounts(input: SpecInput): Mount[] {
  const own = ownMounts(input);
  const taken = new Set(own.map((mount) => mount.destination));
  const overDev = taken.has('/dev');
  const defaults = (input.machine.rootless ? mountable(input) : defaultMounts(input)).filter(
    (mount) => !taken.has(mount.destination) && !(overDev && mount.destination.startsWith('/dev/')),
  );
  if (input.hostConfig.ReadonlyRootfs) makeReadonly(defaults);
  return [...defaults, ...sortByDepth(own)];
}

/** The kernel mounts proc, sysfs and mqueue only for who owns the namespace that they show; queues work without. */
function mountable(input: SpecInput): Mount[] {
  const { pid, ipc, network } = input.namespaces;
  return defaultMounts(input).flatMap((mount) => {
    const { destination, options } = mount;
    if (destination === '/dev/mqueue' && ipc === 'host') return [];
    const isHosts = (destination === '/proc' && pid === 'host') || (destination === '/sys' && network === 'host');
    return isHosts ? [{ destination, type: 'bind', source: destination, options: ['rbind', ...options] }] : [mount];
  });
}

function defaultMounts(input: SpecInput): Mount[] {
  const privileged = input.hostConfig.Privileged === true;
  const readonly = privileged ? [] : ['ro'];
  const mounts: Mount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', ...readonly] },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: [...readonly, 'nosuid', 'noexec', 'nodev'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  ];
  if (input.shm === undefined && input.namespaces.ipc === 'private') {
    const size = input.hostConfig.ShmSize || defaultShmSize;
    mounts.push({
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${size}`],
    });
  }
  return mounts;
}

function ownMounts(input: SpecInput): Mount[] {
  const user = new Set(input.mounts.map((mount) => mount.destination));
  const mounts: Mount[] = [];
  const access = input.hostConfig.ReadonlyRootfs ? ['ro'] : [];
  const shared = ['rbind', 'rprivate'];
  const add = (destination: string, source: string | undefined, options = ['rbind', ...access, 'rprivate']) => {
    if (source && !user.has(destination)) mounts.push({ destination, type: 'bind', source, options });
  };
  if (input.initPath && input.namespaces.pid === 'private') add(initDestination, input.initPath, ['bind', 'ro']);
  add('/etc/resolv.conf', input.files.resolvConf);
  add('/etc/hostname', input.files.hostname);
  add('/etc/hosts', input.files.hosts);
  if (input.namespaces.ipc === 'host') {
    add('/dev/shm', '/dev/shm', shared);
  } else if (typeof input.shm === 'object') {
    add('/dev/shm', input.shm.bind, shared);
  }
  return [...mounts, ...boundDevices(input), ...input.mounts];
}

/** The runtime would bind them itself, but takes them from where they are to be. */
function boundDevices({ machine, devices }: SpecInput): Mount[] {
  const moved = devices.filter(({ source, device }) => machine.rootless && source !== device.path);
  return moved.map(({ source, device }) => ({ destination: device.path, type: 'bind', source, options: ['bind'] }));
}

/** A mount on `/a` has to be made before one on `/a/b`; among equals the given order stays. */
export function sortByDepth(mounts: readonly Mount[]): Mount[] {
  return [...mounts].sort((a, b) => depth(a.destination) - depth(b.destination));
}

function depth(path: string): number {
  return path.split('/').filter(Boolean).length;
}

function makeReadonly(mounts: Mount[]): void {
  for (const mount of mounts) {
    if (!alwaysWritable.has(mount.destination) && !mount.options.includes('ro')) mount.options.push('ro');
  }
}
