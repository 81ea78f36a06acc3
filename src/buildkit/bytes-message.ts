/** `moby.buildkit.v1.BytesMessage{bytes data = 1}` and its likes, without a copy of the data. */
const DATA = 0x0a;

/** The tag and the length before a field of bytes. */
export function bytesHeader(field: number, length: number): Uint8Array {
  const header = [(field << 3) | 2];
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) header.push((rest % 128) | 128);
  header.push(rest);
  return Uint8Array.from(header);
}

/** The message that carries the parts one after the other, as parts. */
export function bytesMessage(parts: readonly Uint8Array[]): Uint8Array[] {
  let length = 0;
  for (const part of parts) length += part.length;
  return [bytesHeader(1, length), ...parts];
}

/** A view of the message. */
export function dataOf(message: Uint8Array): Uint8Array {
  if (message.length === 0 || message[0] !== DATA) return message.subarray(message.length);
  let at = 1;
  while (message[at]! & 128) at++;
  return message.subarray(at + 1);
}
