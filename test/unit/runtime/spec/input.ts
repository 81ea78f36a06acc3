import { allCapabilities } from '../../../../src/runtime/spec/capabilities.ts';
import type { SpecInput } from '../../../../src/runtime/spec/input.ts';

/** A plain container on a machine that can do everything. */
export function specInput(changes: Partial<SpecInput> = {}): SpecInput {
  return {
    id: 'ID',
    namespace: 'docker',
    args: ['sleep', '100'],
    env: [],
    cwd: '/',
    tty: false,
    user: { uid: 0, gid: 0, additionalGids: [0] },
    hostname: 'h1',
    domainname: '',
    hostConfig: {},
    rootfs: '/rootfs',
    namespaces: { network: 'private', pid: 'private', ipc: 'private', uts: 'private', cgroup: 'host' },
    mounts: [],
    files: { hosts: '/state/hosts', resolvConf: '/state/resolv.conf', hostname: '/state/hostname' },
    devices: [],
    annotations: {},
    machine: {
      cgroupVersion: 1,
      cgroupManager: 'cgroupfs',
      seccompEnabled: true,
      capabilities: [...allCapabilities],
      arch: 'x64',
    },
    ...changes,
  };
}
