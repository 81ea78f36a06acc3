/**
 * The 512 bytes before a regular file in a POSIX ustar archive, with a fixed time, so that saving twice gives the same
 * bytes. Sizes beyond 8 GiB are written in base 256, as GNU tar and Go do.
 * @param name at most 100 bytes of ASCII
 */
export function tarHeader(name: string, size: number, type: 'file' | 'directory' = 'file'): Uint8Array {
  if (name.length > 100) throw new RangeError(`tar name too long: ${name}`);
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, width: number): void => {
    header.write(value.toString(8).padStart(width - 1, '0'), at, 'latin1');
  };
  header.write(name, 0, 'latin1');
  octal(type === 'file' ? 0o644 : 0o755, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  if (size < 8 ** 11) octal(size, 124, 12);
  else {
    header.writeBigUInt64BE(BigInt(size), 128);
    header[124] = 0x80;
  }
  octal(0, 136, 12);
  header.write(type === 'file' ? '0' : '5', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** The zeros after a file of `size` bytes. */
export const tarPadding = (size: number): Uint8Array => Buffer.alloc((512 - (size % 512)) % 512);

export const tarEnd: Uint8Array = Buffer.alloc(1024);
