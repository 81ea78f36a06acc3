/** gRPC's length-prefixed messages: a flag byte, a big-endian length of four bytes, the message. */
export const PREFIX = 5;
/** Far above any that is meant: a length is a promise to hold so many bytes. */
const MAX_MESSAGE = 1 << 29;

/** The prefix and the message, whole or in parts, uncompressed; no copy is made. */
export function framedMessage(message: Uint8Array | readonly Uint8Array[]): Uint8Array[] {
  const parts = message instanceof Uint8Array ? [message] : message;
  let length = 0;
  for (const part of parts) length += part.length;
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(length, 1);
  return [prefix, ...parts];
}

/**
 * Cuts DATA into messages. A message within one chunk is a view of it; a longer one is joined once.
 * @throws Error from the returned function when a message is compressed, which we never allow the peer, or huge
 */
export function messageReader(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let held = 0;
  let needed = PREFIX;
  let length = -1;

  return (chunk) => {
    parts.push(chunk);
    held += chunk.length;
    if (held < needed) return;
    const bytes = parts.length === 1 ? chunk : Buffer.concat(parts, held);
    let at = 0;
    for (;;) {
      needed = length < 0 ? PREFIX : length;
      if (bytes.length - at < needed) break;
      if (length < 0) {
        if (bytes[at] !== 0) throw new Error('a compressed message came');
        length = bytes.readUInt32BE(at + 1);
        if (length > MAX_MESSAGE) throw new Error(`a message of ${length} bytes came`);
      } else {
        onMessage(bytes.subarray(at, at + length));
        length = -1;
      }
      at += needed;
    }
    parts = at < bytes.length ? [bytes.subarray(at)] : [];
    held = bytes.length - at;
  };
}
