/** A success result in the form of CNI spec 1.0 (0.3 to 0.4 differ by `version` in `ips`). */
export interface CniResult {
  cniVersion?: string;
  interfaces?: CniInterface[];
  ips?: CniIp[];
  routes?: { dst: string; gw?: string }[];
  dns?: { nameservers?: string[]; domain?: string; search?: string[]; options?: string[] };
}

export interface CniInterface {
  name: string;
  mac?: string;
  mtu?: number;
  /** The network namespace; absent for interfaces of the host. */
  sandbox?: string;
}

export interface CniIp {
  /** Index into `interfaces`. */
  interface?: number;
  /** With prefix length. */
  address: string;
  gateway?: string;
}

/** What one container has on one network. */
export interface CniAttachment {
  interface: string;
  mac: string;
  addresses: { ip: string; prefix: number; gateway: string; family: 4 | 6 }[];
}

/** The container's side of a result. */
export function attachmentOf(result: CniResult, ifName: string): CniAttachment {
  const index = (result.interfaces ?? []).findIndex((entry) => entry.name === ifName && entry.sandbox);
  const own = (result.ips ?? []).filter((ip) => ip.interface === undefined || index < 0 || ip.interface === index);
  return {
    interface: ifName,
    mac: result.interfaces?.[index]?.mac ?? '',
    addresses: own.map(({ address, gateway }) => {
      const [ip = '', prefix = '0'] = address.split('/');
      return { ip, prefix: Number(prefix), gateway: gateway ?? '', family: ip.includes(':') ? 6 : 4 };
    }),
  };
}

/** Results before 0.3 have `ip4` and `ip6` instead of lists. */
export function normaliseResult(value: unknown): CniResult | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const result = value as CniResult & Record<'ip4' | 'ip6', { ip?: string; gateway?: string } | undefined>;
  if (result.ips !== undefined && !Array.isArray(result.ips)) return undefined;
  if (result.interfaces !== undefined && !Array.isArray(result.interfaces)) return undefined;
  if (!result.ip4 && !result.ip6) return result;
  const ips = [result.ip4, result.ip6].flatMap((old) => (old?.ip ? [{ address: old.ip, gateway: old.gateway }] : []));
  return { cniVersion: result.cniVersion, ips, dns: result.dns };
}
