import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type Cidr, cidrOf, formatCidr, overlaps, parseCidr } from './cidr.ts';
import { type ConfList, rangesOf } from './conflist.ts';

/** The blocks of the host: addresses of its interfaces and its routes, the default route excepted. */
export function hostSubnets(): Cidr[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .flatMap(({ cidr }) => (cidr && parseCidr(cidr)) || []);
  // Bridges without a container have no carrier: node does not list them, but they have a route.
  return [...addresses, ...parseRoutes(read('/proc/net/route')), ...parseIpv6Addresses(read('/proc/net/if_inet6'))];
}

/** /proc/net/route: addresses are 32-bit words in the byte order of the machine. */
export function parseRoutes(text: string): Cidr[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination, , , , , , mask] = line.trim().split(/\s+/);
      if (!destination || !mask || mask === '00000000') return [];
      const bits = BigInt(`0x${swap(mask)}`)
        .toString(2)
        .replace(/0/g, '').length;
      return [cidrOf({ family: 4, value: BigInt(`0x${swap(destination)}`) }, bits)];
    });
}

function swap(hex: string): string {
  return (hex.match(/../g) ?? []).reverse().join('');
}

export function parseIpv6Addresses(text: string): Cidr[] {
  return text.split('\n').flatMap((line) => {
    const [address, , prefix] = line.trim().split(/\s+/);
    if (!address || !prefix) return [];
    return [cidrOf({ family: 6, value: BigInt(`0x${address}`) }, Number.parseInt(prefix, 16))];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The blocks that a network's configuration takes. */
export function networkSubnets(list: ConfList): Cidr[] {
  return rangesOf(list).flatMap(({ subnet }) => parseCidr(subnet) ?? []);
}

/** The first free /24 from 10.4.1.0/24 upwards, as Go nerdctl counts; undefined when all of 10/8 is taken. */
export function nextFreeSubnet(taken: readonly Cidr[], start = '10.4.1.0/24'): string | undefined {
  const first = parseCidr(start);
  if (!first) return undefined;
  const end = 0x0affffffn;
  for (let value = first.first; value <= end; value += 256n) {
    const candidate = cidrOf({ family: 4, value }, 24);
    if (!taken.some((block) => overlaps(block, candidate))) return formatCidr(candidate);
  }
  return undefined;
}

/** A unique local /64 (RFC 4193) derived from the name, and from a counter when it is taken. */
export function nextFreeIpv6Subnet(name: string, taken: readonly Cidr[]): string {
  for (let salt = 0; ; salt++) {
    const hash = createHash('sha256').update(`${name}/${salt}`).digest('hex');
    const candidate = cidrOf({ family: 6, value: BigInt(`0xfd${hash.slice(0, 14)}`) << 64n }, 64);
    if (!taken.some((block) => overlaps(block, candidate))) return formatCidr(candidate);
  }
}
