/** `10.0.0.1`: four decimal octets without leading zeros, as Go's net.ParseIP takes them. */
export function isIpv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
}

/** An IPv6 address without a zone; the last 32 bits may be written as IPv4. */
export function isIpv6(text: string): boolean {
  if (!text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const counts = halves.map((half, i) => countGroups(half, i === halves.length - 1));
  if (counts.includes(-1)) return false;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return halves.length === 2 ? total < 8 : total === 8;
}

function countGroups(half: string, last: boolean): number {
  if (half === '') return 0;
  const groups = half.split(':');
  const tail = groups.at(-1) ?? '';
  const embedded = last && tail.includes('.');
  const plain = embedded ? groups.slice(0, -1) : groups;
  if (embedded && !isIpv4(tail)) return -1;
  return plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) ? plain.length + (embedded ? 2 : 0) : -1;
}

/** IPv4 or IPv6. */
export function isIp(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

/** A 48-bit hardware address in colon, dash or dot form, lower-cased with colons; undefined if it is none. */
export function parseMacAddress(text: string): string | undefined {
  const isMac = /^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})$/i;
  if (!isMac.test(text)) return undefined;
  return text
    .toLowerCase()
    .replace(/[^0-9a-f]/g, '')
    .replace(/(..)(?=.)/g, '$1:');
}
