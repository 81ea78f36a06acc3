/**
 * File names are bytes, and most of them are UTF-8. Where they are compared, cut and joined, they are held as one
 * character per byte (`latin1`): that sorts as the bytes do and goes back into a buffer unchanged. Where a pattern has to
 * see characters, they are text in which each byte that is no UTF-8 is a lone surrogate (U+DC80 to U+DCFF), so that no
 * two names become one.
 */
export type ByteString = string;

const ascii = /^[\x00-\x7f]*$/;

export function textOfBytes(bytes: ByteString): string {
  if (ascii.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.toString();
  return text.includes('\uFFFD') ? decodeBroken(buffer) : text;
}

/** The reverse of {@link textOfBytes}; text of other origin becomes its UTF-8. */
export function bytesOfText(text: string): ByteString {
  if (ascii.test(text)) return text;
  const parts = text.split(/([\uDC80-\uDCFF]+)/u);
  return parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part).toString('latin1') : broken(part))).join('');
}

function broken(surrogates: string): ByteString {
  return surrogates.replace(/./gsu, (char) => String.fromCharCode(char.charCodeAt(0) - 0xdc00));
}

function decodeBroken(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    const length = byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0;
    const char = length === 0 ? undefined : decodeOne(bytes.subarray(at, at + length));
    text += char ?? String.fromCharCode(0xdc00 + byte);
    at += char === undefined ? 1 : length;
  }
  return text;
}

function decodeOne(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
