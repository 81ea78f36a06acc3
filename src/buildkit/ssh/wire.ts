/** The types of RFC 4251 section 5. */

export interface WireReader {
  left(): number;
  byte(): number;
  uint32(): number;
  /** A view, not a copy. */
  string(): Buffer;
  take(length: number): Buffer;
}

/** @throws RangeError from the reads past the end */
export function wireReader(bytes: Uint8Array): WireReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > buffer.length - at) throw new RangeError('the data ends too early');
    at += length;
    return buffer.subarray(at - length, at);
  };
  const uint32 = () => take(4).readUInt32BE();
  return { left: () => buffer.length - at, byte: () => take(1)[0]!, uint32, string: () => take(uint32()), take };
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function string(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A number that is not negative, from its bytes, the highest first. */
export function mpint(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  return string(digits.length > 0 && digits[0]! & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}
