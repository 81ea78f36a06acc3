import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import type { HostConfig, SpecDevice } from '../../runtime/spec/input.ts';

/** The devices of `--device`, or, with --privileged, all of the host's. */
export function specDevices(hostConfig: HostConfig): SpecDevice[] {
  if (hostConfig.Privileged) return hostDevices('/dev').map((path) => deviceAt(path, path, 'rwm')!);
  return (hostConfig.Devices ?? []).flatMap(
    (mapping: { PathOnHost?: string; PathInContainer?: string; CgroupPermissions?: string }) => {
      const onHost = mapping.PathOnHost ?? '';
      const inContainer = mapping.PathInContainer || onHost;
      const access = mapping.CgroupPermissions || 'rwm';
      return devicesBelow(onHost).map((path) => deviceAt(path, inContainer + path.slice(onHost.length), access)!);
    },
  );
}

/** A device node stands for itself, a directory for all the nodes in it. */
function devicesBelow(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) {
    throw new DockerError(
      'invalid',
      `error gathering device information while adding custom device "${path}": no such file or directory`,
    );
  }
  if (stat.isDirectory()) return hostDevices(path);
  if (isDevice(stat)) return [path];
  throw new DockerError(
    'invalid',
    `error gathering device information while adding custom device "${path}": not a device node`,
  );
}

const isDevice = (stat?: Stats) => stat?.isCharacterDevice() || stat?.isBlockDevice() || false;

/** Directories of /dev that docker leaves out: they are mounts of the container's own. */
const skipped = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev', 'console']);

function hostDevices(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return hostDevices(path);
    // The entry of one that is bound there, as into a container, tells what lies below it.
    return !entry.isSymbolicLink() && isDevice(statSync(path, { throwIfNoEntry: false })) ? [path] : [];
  });
}

function deviceAt(path: string, target: string, access: string): SpecDevice | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const type = stat.isBlockDevice() ? 'b' : 'c';
  const { major, minor } = deviceNumber(stat.rdev);
  return {
    source: path,
    device: { path: target, type, major, minor, fileMode: stat.mode & 0o777, uid: stat.uid, gid: stat.gid },
    rule: { allow: true, type, major, minor, access },
  };
}

/** By path, the numbers of the devices that are given a weight or a rate. */
export function limitedDevices(hostConfig: HostConfig): Record<string, { major: number; minor: number }> {
  const limits: { Path: string }[] = [
    ...(hostConfig.BlkioWeightDevice ?? []),
    ...(hostConfig.BlkioDeviceReadBps ?? []),
    ...(hostConfig.BlkioDeviceReadIOps ?? []),
    ...(hostConfig.BlkioDeviceWriteBps ?? []),
    ...(hostConfig.BlkioDeviceWriteIOps ?? []),
  ];
  return Object.fromEntries(
    limits.map(({ Path }) => {
      const stat = statSync(Path, { throwIfNoEntry: false });
      if (!stat) throw new DockerError('system', `stat ${Path}: no such file or directory`);
      return [Path, deviceNumber(stat.rdev)];
    }),
  );
}

/** glibc's packing of dev_t (gnu_dev_major, gnu_dev_minor). */
export function deviceNumber(rdev: number): { major: number; minor: number } {
  const value = BigInt(rdev);
  return {
    major: Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & ~0xfffn)),
    minor: Number((value & 0xffn) | ((value >> 12n) & ~0xffn)),
  };
}
