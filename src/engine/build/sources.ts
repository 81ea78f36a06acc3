const compressed: readonly (readonly number[])[] = [
  [0x42, 0x5a, 0x68],
  [0x1f, 0x8b, 0x08],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  [0x28, 0xb5, 0x2f, 0xfd],
];

/** Whether a stream that begins so is a tar archive, plain or compressed (bzip2, gzip, xz, zstd). */
export function isArchive(head: Uint8Array): boolean {
  return compressed.some((magic) => magic.every((byte, i) => head[i] === byte)) || isTarHeader(head);
}

const headerSize = 512;
const checksumAt = 148;
const checksumLength = 8;

/** By the header's checksum: a Dockerfile has none. */
function isTarHeader(head: Uint8Array): boolean {
  if (head.length < headerSize) return false;
  const field = Buffer.from(head.subarray(checksumAt, checksumAt + checksumLength)).toString('latin1');
  const expected = Number.parseInt(field.replace(/\0.*$/, '').trim(), 8);
  let sum = 0;
  for (let i = 0; i < headerSize; i++) {
    sum += i >= checksumAt && i < checksumAt + checksumLength ? 0x20 : (head[i] ?? 0);
  }
  return sum === expected;
}

export function isWebAddress(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** A context that BuildKit fetches by itself: a git repository or a file on the web. */
export function isRemote(source: string): boolean {
  return (
    isWebAddress(source) ||
    /^(?:git|ssh):\/\//.test(source) ||
    /^github\.com\//.test(source) ||
    /^[a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:/.test(source)
  );
}

/** A git repository that is reached over ssh: it needs the agent. */
export function isGitOverSsh(source: string): boolean {
  return /^ssh:\/\//.test(source) || /^[a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:/.test(source);
}
