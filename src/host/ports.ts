import { readFileSync } from 'node:fs';

export interface Listener {
  protocol: 'tcp' | 'udp';
  /** `0.0.0.0`, `127.0.0.1`, `::` … */
  address: string;
  port: number;
}

const listening = { tcp: '0A', udp: '07' } as const;

/** Sockets of this network namespace that hold a port: TCP listeners, and bound and unconnected UDP sockets. */
export function hostPorts(): Listener[] {
  return (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((table) => {
    try {
      return parseSocketTable(readFileSync(`/proc/net/${table}`, 'utf8'), table.startsWith('tcp') ? 'tcp' : 'udp');
    } catch {
      // No IPv6 in this kernel.
      return [];
    }
  });
}

export function parseSocketTable(text: string, protocol: 'tcp' | 'udp'): Listener[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, , state] = line.trim().split(/\s+/);
      const [address, port] = local?.split(':') ?? [];
      if (address === undefined || port === undefined || state !== listening[protocol]) return [];
      return { protocol, address: parseAddress(address), port: Number.parseInt(port, 16) };
    });
}

/** Words of 32 bits in the byte order of the machine (little-endian on everything we run on). */
function parseAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255)
    return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return compress(groups);
}

/** RFC 5952: the longest run of two or more zero groups becomes `::`. */
function compress(groups: string[]): string {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups.length; i++) {
    let length = 0;
    while (groups[i + length] === '0') length++;
    if (length > best.length) best = { start: i, length };
  }
  if (best.length < 2) return groups.join(':');
  const tail = groups.slice(best.start + best.length).join(':');
  return `${groups.slice(0, best.start).join(':')}::${tail}`;
}
