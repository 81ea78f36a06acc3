import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFile, removeTree } from '../host/files.ts';
import { contains, parseCidr, parseIp } from './cidr.ts';
import { type ConfList, ipamOf, rangesOf } from './conflist.ts';
import type { CniResult } from './result.ts';

/** host-local's records: one file for each address in use, with the container's CNI ID and interface in it. */
export interface Lease {
  ip: string;
  containerId: string;
  ifName: string;
  file: string;
}

const defaultDir = '/var/lib/cni/networks';

export function leaseDir(list: Pick<ConfList, 'name' | 'plugins'>): string {
  const dataDir = ipamOf(list as ConfList)?.dataDir;
  return join(typeof dataDir === 'string' && dataDir ? dataDir : defaultDir, list.name);
}

/** All leases of a network; networks with another IPAM have none. */
export function readLeases(list: Pick<ConfList, 'name' | 'plugins'>): Lease[] {
  const dir = leaseDir(list);
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return [];
  }
  return names.flatMap((ip) => {
    if (!parseIp(ip)) return [];
    try {
      const [containerId = '', ifName = ''] = readFileSync(join(dir, ip), 'utf8').split(/\r?\n/);
      return [{ ip, containerId: containerId.trim(), ifName: ifName.trim(), file: join(dir, ip) }];
    } catch {
      return [];
    }
  });
}

/** For DEL without a cached result: what the plugins must have answered, as far as leases tell it. */
export function resultFromLeases(
  list: ConfList,
  leases: readonly Lease[],
  ifName: string,
  netns: string,
): CniResult | undefined {
  const ranges = rangesOf(list);
  const ips = leases.flatMap(({ ip }) => {
    const parsed = parseIp(ip);
    const range = ranges.find(({ subnet }) => {
      const block = parseCidr(subnet);
      return parsed && block && contains(block, parsed);
    });
    const prefix = range?.subnet.split('/')[1];
    return prefix ? [{ interface: 0, address: `${ip}/${prefix}`, gateway: range?.gateway }] : [];
  });
  if (ips.length === 0) return undefined;
  return { cniVersion: list.cniVersion, interfaces: [{ name: ifName, sandbox: netns || '/none' }], ips, routes: [] };
}

export async function removeLeases(leases: readonly Lease[]): Promise<void> {
  await Promise.all(leases.map((lease) => removeFile(lease.file)));
}

/** When a network is removed. */
export async function removeLeaseDir(list: ConfList): Promise<void> {
  if (ipamOf(list)?.type === 'host-local') await removeTree(leaseDir(list));
}
