import type { Container } from '../../runtime/containers.ts';

const key = Buffer.from('"args":[');

/**
 * `process.args` of a container's spec, found without parsing all of it: a list of containers needs nothing else.
 * In what Go and JavaScript write, no such key comes before the process's.
 */
export function argsOf(container: Pick<Container, 'spec'>): string[] {
  const { value } = container.spec ?? { value: new Uint8Array() };
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  const start = bytes.indexOf(key);
  if (start < 0) return [];
  const from = start + key.length - 1;
  const end = endOfArray(bytes, from);
  return end < 0 ? [] : (JSON.parse(bytes.toString('utf8', from, end)) as string[]);
}

/** The index after the `]` that closes an array of strings. */
function endOfArray(bytes: Buffer, from: number): number {
  let inString = false;
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString && byte === 0x5c) i++;
    else if (byte === 0x22) inString = !inString;
    else if (byte === 0x5d && !inString) return i + 1;
  }
  return -1;
}
