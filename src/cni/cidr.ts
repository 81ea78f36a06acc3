import { isIpv4, isIpv6 } from '../docker/values/ip.ts';

/** An address as a number; IPv4 and IPv6 are never compared with each other. */
export interface Ip {
  family: 4 | 6;
  value: bigint;
}

export interface Cidr {
  family: 4 | 6;
  /** The address as written, host bits included. */
  address: bigint;
  /** First and last address of the block. */
  first: bigint;
  last: bigint;
  prefix: number;
}

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

export function parseIp(text: string): Ip | undefined {
  if (isIpv4(text)) return { family: 4, value: parseOctets(text) };
  if (!isIpv6(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const groups = [...front, ...Array<bigint>(8 - front.length - back.length).fill(0n), ...back];
  return { family: 6, value: groups.reduce((sum, group) => (sum << 16n) | group, 0n) };
}

function parseOctets(text: string): bigint {
  return text.split('.').reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

function groupsOf(half: string): bigint[] {
  if (half === '') return [];
  return half.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = parseOctets(group);
    return [value >> 16n, value & 0xffffn];
  });
}

/** IPv6 in the form of RFC 5952. */
export function formatIp({ family, value }: Ip): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) return groups.join(':');
  return `${groups.slice(0, zeros.start).join(':')}::${groups.slice(zeros.start + zeros.length).join(':')}`;
}

function longestZeroRun(groups: string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === '0' ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  }
  return best;
}

/** `10.4.0.1/24`, host bits allowed. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const ip = parseIp(text.slice(0, slash));
  const prefix = Number(text.slice(slash + 1));
  if (!ip || prefix > widthOf(ip.family)) return undefined;
  return cidrOf(ip, prefix);
}

export function cidrOf(ip: Ip, prefix: number): Cidr {
  const hostBits = BigInt(widthOf(ip.family) - prefix);
  const first = (ip.value >> hostBits) << hostBits;
  return { family: ip.family, address: ip.value, first, last: first + (1n << hostBits) - 1n, prefix };
}

/** The block, without host bits. */
export function formatCidr({ family, first, prefix }: Cidr): string {
  return `${formatIp({ family, value: first })}/${prefix}`;
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

export function contains(block: Cidr, ip: Ip): boolean {
  return block.family === ip.family && block.first <= ip.value && ip.value <= block.last;
}
