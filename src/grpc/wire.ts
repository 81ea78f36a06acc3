/**
 * Protobuf's wire format (protobuf.dev/programming-guides/encoding), as far as generated messages use it. They import
 * it by the name of the package that ts-proto expects: tsconfig.json and scripts/build.ts lead that name here.
 */

/** Not among Node's types. Decoding by `toString` looks its encoding up each time. */
type Utf8Buffer = Buffer & { utf8Slice(start: number, end: number): string };

export class BinaryReader {
  pos = 0;
  readonly len: number;
  private readonly data: Utf8Buffer;

  constructor(bytes: Uint8Array) {
    this.len = bytes.length;
    this.data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) as Utf8Buffer;
  }

  uint32(): number {
    let byte = this.next();
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = this.next();
      // Negative numbers of 32 bits are sent with 64.
      if (shift < 32) value |= (byte & 127) << shift;
      if (shift > 63) throw tooLong();
    }
    return value >>> 0;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    return this.varint() !== 0;
  }

  /** Beyond 2^53 it is only known to be that large: callers refuse it. */
  uint64(): number {
    return this.varint();
  }

  int64(): number {
    const start = this.pos;
    const value = this.varint();
    // Negative ones have all ten bytes.
    return this.pos - start < 10 ? value : this.negative(start);
  }

  string(): string {
    const end = this.end(this.uint32());
    const text = this.data.utf8Slice(this.pos, end);
    this.pos = end;
    return text;
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const end = this.end(this.uint32());
    const view = this.data.subarray(this.pos, end);
    this.pos = end;
    return view;
  }

  /** A field that nobody knows. */
  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.pos = this.end(8);
    else if (wireType === 2) this.pos = this.end(this.uint32());
    else if (wireType === 5) this.pos = this.end(4);
    else throw new Error(`protobuf: wire type ${wireType} is not known`);
  }

  private next(): number {
    if (this.pos >= this.len) throw tooShort();
    return this.data[this.pos++]!;
  }

  private end(length: number): number {
    if (length > this.len - this.pos) throw tooShort();
    return this.pos + length;
  }

  private varint(): number {
    let byte = this.next();
    let value = byte & 127;
    for (let unit = 128; byte > 127; unit *= 128) {
      if (unit > 2 ** 63) throw tooLong();
      byte = this.next();
      value += (byte & 127) * unit;
    }
    return value;
  }

  private negative(start: number): number {
    let value = 0n;
    for (let at = start; at < this.pos; at++) value |= BigInt(this.data[at]! & 127) << BigInt(7 * (at - start));
    return Number(BigInt.asIntN(64, value));
  }
}

const tooLong = (): Error => new RangeError('protobuf: a number has more than ten bytes');
const tooShort = (): Error => new RangeError('protobuf: the message ends too early');

export class BinaryWriter {
  private data = Buffer.allocUnsafe(256);
  private length = 0;
  /** Where the messages that are being written begin, the innermost last. */
  private readonly begun: number[] = [];

  finish(): Uint8Array {
    return this.data.subarray(0, this.length);
  }

  uint32(value: number): this {
    return this.varint(checked(value));
  }

  int32(value: number): this {
    return this.int64(value);
  }

  bool(value: boolean): this {
    return this.varint(value ? 1 : 0);
  }

  uint64(value: number): this {
    return this.varint(checked(value));
  }

  int64(value: number): this {
    if (value >= 0) return this.varint(value);
    let rest = BigInt.asUintN(64, BigInt(checked(-value) * -1));
    for (; rest > 127n; rest >>= 7n) this.push(Number(rest & 127n) | 128);
    return this.push(Number(rest));
  }

  string(value: string): this {
    const length = Buffer.byteLength(value);
    this.varint(length).reserve(length);
    this.data.write(value, this.length, length);
    this.length += length;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.varint(value.length).reserve(value.length);
    this.data.set(value, this.length);
    this.length += value.length;
    return this;
  }

  /** Begins a message within the message; `join` ends it, and puts its length before it. */
  fork(): this {
    this.begun.push(this.length);
    return this;
  }

  join(): this {
    const start = this.begun.pop()!;
    const length = this.length - start;
    const end = this.length;
    this.varint(length);
    const prefix = Buffer.from(this.data.subarray(end, this.length));
    this.data.copyWithin(start + prefix.length, start, end);
    this.data.set(prefix, start);
    return this;
  }

  private varint(value: number): this {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.push((rest % 128) | 128);
    return this.push(rest);
  }

  private push(byte: number): this {
    this.reserve(1);
    this.data[this.length++] = byte;
    return this;
  }

  private reserve(size: number): void {
    const wanted = this.length + size;
    if (wanted <= this.data.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.data.length));
    this.data.copy(larger, 0, 0, this.length);
    this.data = larger;
  }
}

/** What a caller left out would otherwise be sent as 0. */
function checked(value: number): number {
  if (value >= 0) return value;
  throw new TypeError(`protobuf: invalid number: ${value}`);
}
