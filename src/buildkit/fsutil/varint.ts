const HIGH = 2 ** 32;

/** Of a whole number from 0 to 2^53. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Returns where to go on. */
export function putVarint(out: Buffer, at: number, value: number): number {
  let next = at;
  let rest = value;
  for (; rest >= HIGH; rest = Math.floor(rest / 128)) out[next++] = (rest % 128) | 128;
  for (; rest >= 128; rest >>>= 7) out[next++] = (rest & 127) | 128;
  out[next++] = rest;
  return next;
}

/** Of an int64: a negative one takes ten bytes. */
export function bigVarintSize(value: bigint): number {
  const high = Number(BigInt.asUintN(32, value >> 32n));
  if (high === 0) return varintSize(Number(value));
  return Math.ceil((64 - Math.clz32(high)) / 7);
}

export function putBigVarint(out: Buffer, at: number, value: bigint): number {
  let high = Number(BigInt.asUintN(32, value >> 32n));
  let low = Number(BigInt.asUintN(32, value));
  let next = at;
  for (; high !== 0 || low >= 128; high >>>= 7) {
    out[next++] = (low & 127) | 128;
    low = ((low >>> 7) | (high << 25)) >>> 0;
  }
  out[next++] = low;
  return next;
}

/** Reads fields one after the other. @throws Error from its functions where the message ends within one */
export function reader(message: Uint8Array) {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  let at = 0;

  function number(): number {
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 10; length++) {
      const byte = bytes[at++];
      if (byte === undefined) throw truncated();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new Error('a varint of more than ten bytes');
  }

  function take(length: number): Buffer {
    if (length > bytes.length - at) throw truncated();
    at += length;
    return bytes.subarray(at - length, at);
  }

  return {
    more: () => at < bytes.length,
    /** Exact up to 2^53. */
    number,
    bigint(): bigint {
      let value = 0n;
      for (let shift = 0n; shift < 70n; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined) throw truncated();
        value |= BigInt(byte & 127) << shift;
        if (byte < 128) return value;
      }
      throw new Error('a varint of more than ten bytes');
    },
    bytes: () => take(number()),
    /** One character per byte. */
    text: () => take(number()).toString('latin1'),
    /** A field of a later version. */
    skip(wireType: number): void {
      if (wireType === 0) number();
      else if (wireType === 1) take(8);
      else if (wireType === 2) take(number());
      else if (wireType === 5) take(4);
      else throw new Error(`wire type ${wireType}`);
    },
  };
}

function truncated(): Error {
  return new Error('the message ends within a field');
}
