/** A field of a protobuf message: a number, or what has a length. */
export interface WireField {
  number: number;
  value: number | Uint8Array;
}

/** The fields of a message up to the first thing that is none; fixed-size ones are passed over. */
export function fieldsOf(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    while (at < bytes.length) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === 0) {
      fields.push({ number, value: varint() });
    } else if (type === 2) {
      const length = varint();
      if (!(length <= bytes.length - at)) return fields;
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else if (type === 1 || type === 5) {
      at += type === 1 ? 8 : 4;
    } else {
      return fields;
    }
  }
  return fields;
}
