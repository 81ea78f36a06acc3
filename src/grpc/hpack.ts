import { decodeHuffman } from './huffman.ts';
import { STATIC_TABLE } from './static-table.ts';

/** HPACK (RFC 7541). Values are byte strings in latin1; repeated names stay repeated and in order. */
export type HeaderField = readonly [name: string, value: string];

export function fieldOf(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((field) => field[0] === name)?.[1];
}

const DEFAULT_TABLE_SIZE = 4096;
const ENTRY_OVERHEAD = 32;

/**
 * Encodes without a dynamic table and without Huffman: over a local socket bytes cost less than work.
 * The first block says so (table size 0), which also answers any smaller limit the peer may set.
 */
export function headerEncoder(): (fields: readonly HeaderField[]) => Buffer {
  let first = true;
  return (fields) => {
    const parts: Buffer[] = [];
    if (first) parts.push(Buffer.of(0x20));
    first = false;
    for (const [name, value] of fields) encodeField(parts, name, value);
    return Buffer.concat(parts);
  };
}

const staticFields = new Map(STATIC_TABLE.map(([name, value], index) => [`${name}\0${value}`, index + 1]));
const staticNames = new Map(STATIC_TABLE.map(([name], index) => [name, index + 1] as const).reverse());

function encodeField(parts: Buffer[], name: string, value: string): void {
  const whole = staticFields.get(`${name}\0${value}`);
  if (whole !== undefined) {
    parts.push(encodeInteger(0x80, 7, whole));
    return;
  }
  const index = staticNames.get(name);
  parts.push(encodeInteger(0, 4, index ?? 0));
  if (index === undefined) pushString(parts, name);
  pushString(parts, value);
}

function pushString(parts: Buffer[], text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  parts.push(encodeInteger(0, 7, bytes.length), bytes);
}

/** RFC 7541 section 5.1: `bits` low bits of the first byte, the rest in groups of seven. */
function encodeInteger(pattern: number, bits: number, value: number): Buffer {
  const limit = 2 ** bits - 1;
  if (value < limit) return Buffer.of(pattern | value);
  const bytes = [pattern | limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/**
 * Decodes header blocks in the order they arrive; the returned function keeps the dynamic table.
 * @param maxListSize the largest list accepted, in bytes of names and values
 * @throws Error from the returned function: a compression error, after which the connection is useless
 */
export function headerDecoder(maxListSize: number, maxTableSize = DEFAULT_TABLE_SIZE) {
  const table = dynamicTable(maxTableSize);

  return (block: Uint8Array): HeaderField[] => {
    const input = reader(block);
    const fields: HeaderField[] = [];
    let size = 0;
    while (!input.done()) {
      const byte = input.peek();
      if ((byte & 0xe0) === 0x20) {
        if (fields.length > 0) throw new Error('table size update after a field');
        table.resize(input.integer(5));
        continue;
      }
      const field = readField(input, byte);
      size += field[0].length + field[1].length;
      if (size > maxListSize) throw new Error(`header list over ${maxListSize} bytes`);
      fields.push(field);
    }
    return fields;
  };

  function readField(input: Reader, byte: number): HeaderField {
    if (byte & 0x80) return lookup(input.integer(7));
    const indexed = (byte & 0xc0) === 0x40;
    const index = input.integer(indexed ? 6 : 4);
    const name = index === 0 ? input.text() : lookup(index)[0];
    const field: HeaderField = [name, input.text()];
    if (indexed) table.add(field);
    return field;
  }

  function lookup(index: number): HeaderField {
    const field = index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : table.get(index - STATIC_TABLE.length - 1);
    if (!field) throw new Error(`no header field with index ${index}`);
    return field;
  }
}

function dynamicTable(limit: number) {
  const entries: HeaderField[] = [];
  let size = 0;
  let maxSize = limit;

  function evict(): void {
    while (size > maxSize) {
      const [name, value] = entries.pop()!;
      size -= name.length + value.length + ENTRY_OVERHEAD;
    }
  }

  return {
    get: (index: number): HeaderField | undefined => entries[index],
    add(field: HeaderField): void {
      entries.unshift(field);
      size += field[0].length + field[1].length + ENTRY_OVERHEAD;
      evict();
    },
    resize(wanted: number): void {
      if (wanted > limit) throw new Error(`header table of ${wanted} bytes`);
      maxSize = wanted;
      evict();
    },
  };
}

type Reader = ReturnType<typeof reader>;

function reader(block: Uint8Array) {
  let at = 0;

  function next(): number {
    const byte = block[at++];
    if (byte === undefined) throw new Error('header block ends too early');
    return byte;
  }

  function integer(bits: number): number {
    const limit = 2 ** bits - 1;
    let value = next() & limit;
    if (value < limit) return value;
    for (let shift = 0; ; shift += 7) {
      if (shift > 28) throw new Error('integer too large in a header block');
      const byte = next();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  return {
    done: () => at >= block.length,
    peek: () => block[at]!,
    integer,
    text(): string {
      const huffman = (block[at]! & 0x80) !== 0;
      const length = integer(7);
      if (at + length > block.length) throw new Error('header block ends too early');
      const bytes = block.subarray(at, at + length);
      at += length;
      return (huffman ? decodeHuffman(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, length)).toString('latin1');
    },
  };
}
