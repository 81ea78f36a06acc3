import { DockerError } from '../../docker/errors.ts';
import { allCapabilities } from '../../docker/values/capabilities.ts';

export { allCapabilities };

/** What docker leaves to an unprivileged container. */
export const defaultCapabilities: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
].map((name) => `CAP_${name}`);

/** The names of a `CapBnd` mask of /proc/self/status, which is hexadecimal. */
export function capabilitiesOfMask(hex: string): string[] {
  const mask = BigInt(`0x${hex.trim() || '0'}`);
  return allCapabilities.filter((_, bit) => (mask >> BigInt(bit)) & 1n);
}

/** `net_admin`, `CAP_NET_ADMIN` → `CAP_NET_ADMIN`; `all` → `ALL`. */
export function normalizeCapabilities(
  names: readonly string[] | null | undefined,
  which: 'CapAdd' | 'CapDrop',
): string[] {
  return (names ?? []).map((given) => {
    const name = given.trim().toUpperCase();
    if (name === 'ALL' || name === 'CAP_ALL') return 'ALL';
    const full = name.startsWith('CAP_') ? name : `CAP_${name}`;
    if (!allCapabilities.includes(full)) {
      throw new DockerError('invalid', `invalid ${which}: unknown capability: "${full}"`);
    }
    return full;
  });
}

/**
 * The final set. What is added by name is there even when it is dropped too, as in docker.
 * A capability asked for by name that the kernel or the bounding set lacks is an error; `ALL` takes what there is.
 */
export function effectiveCapabilities(
  host: { CapAdd?: string[] | null; CapDrop?: string[] | null; Privileged?: boolean },
  available: readonly string[],
): string[] {
  if (host.Privileged) return allCapabilities.filter((cap) => available.includes(cap));
  const adds = normalizeCapabilities(host.CapAdd, 'CapAdd');
  const drops = normalizeCapabilities(host.CapDrop, 'CapDrop');
  const named = adds.filter((cap) => cap !== 'ALL');
  const missing = named.find((cap) => !available.includes(cap));
  if (missing) {
    throw new DockerError(
      'invalid',
      `invalid CapAdd: capability not supported by your kernel or not available in the current environment: "${missing}"`,
    );
  }
  let result: string[];
  if (adds.includes('ALL')) result = allCapabilities.filter((cap) => !drops.includes(cap));
  else if (drops.includes('ALL')) result = named;
  else result = [...defaultCapabilities.filter((cap) => !drops.includes(cap)), ...named];
  return [...new Set(result)].filter((cap) => available.includes(cap));
}
