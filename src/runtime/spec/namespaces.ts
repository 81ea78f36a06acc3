import type { NamespaceChoice, SpecInput } from './input.ts';
import type { Namespace } from './oci.ts';

/** A namespace left out is the runtime's own, that is, the host's. */
export function specNamespaces(input: Pick<SpecInput, 'namespaces'>): Namespace[] {
  const { network, uts, pid, ipc, cgroup } = input.namespaces;
  return [
    { type: 'mount' },
    ...one('network', network),
    ...one('uts', uts),
    ...one('pid', pid),
    ...one('ipc', ipc),
    ...one('cgroup', cgroup),
  ];
}

function one(type: Namespace['type'], choice: NamespaceChoice): Namespace[] {
  if (choice === 'host') return [];
  return [choice === 'private' ? { type } : { type, path: choice.path }];
}

/** The namespace of a running process. */
export function namespaceOf(pid: number, type: 'net' | 'pid' | 'ipc' | 'uts' | 'cgroup'): { path: string } {
  return { path: `/proc/${pid}/ns/${type}` };
}

/** The sysctls docker sets where the container has namespaces of its own, then the user's. */
export function specSysctls(input: SpecInput): Record<string, string> {
  const { rootless } = input.machine;
  const sysctls: Record<string, string> = {};
  if (input.namespaces.network !== 'host') {
    sysctls['net.ipv4.ip_unprivileged_port_start'] = '0';
    // Groups beyond those of a user namespace are refused.
    if (!rootless) sysctls['net.ipv4.ping_group_range'] = '0 2147483647';
  }
  if (input.domainname && input.namespaces.uts === 'private' && !rootless)
    sysctls['kernel.domainname'] = input.domainname;
  return { ...sysctls, ...input.hostConfig.Sysctls };
}
