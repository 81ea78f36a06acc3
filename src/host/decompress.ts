import { spawn } from 'node:child_process';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { DockerError } from '../docker/errors.ts';

export type CompressionFormat = 'gzip' | 'zstd' | 'xz' | 'bzip2';

const formats: { name: CompressionFormat; magic: number[]; program?: string }[] = [
  { name: 'gzip', magic: [0x1f, 0x8b] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], program: 'zstd' },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], program: 'xz' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], program: 'bzip2' },
];

/** Node has it from 22.15 on, Bun always. */
type ZstdFactory = (options: { chunkSize: number }) => Transform;
const chunkSize = 256 << 10;

/** What is around a stream, by its first bytes, which stay in it; undefined when it is plain. */
export async function compressionOfStream(
  input: Readable,
  signal: AbortSignal,
): Promise<CompressionFormat | undefined> {
  return formatOf(await peek(input, signal))?.name;
}

const formatOf = (head: Uint8Array) => formats.find(({ magic }) => magic.every((byte, i) => head[i] === byte));

/**
 * The stream without the compression around it, found by its first bytes; a plain stream passes through.
 * zstd (on a Node without it), xz and bzip2 are read by the programs of these names, as docker does.
 * Errors of either stream end the returned one.
 */
export async function decompressed(input: Readable, signal: AbortSignal): Promise<Readable> {
  const format = formatOf(await peek(input, signal));
  if (!format) return input;
  const zstd = (zlib as { createZstdDecompress?: ZstdFactory }).createZstdDecompress;
  if (format.name === 'gzip') return connect(input, zlib.createGunzip({ chunkSize }));
  if (format.name === 'zstd' && zstd) return connect(input, zstd({ chunkSize }));
  return throughProgram(input, format.program!, format.name, signal);
}

function connect(input: Readable, transform: Transform): Readable {
  input.on('error', (error) => transform.destroy(error));
  transform.on('close', () => input.destroy());
  return input.pipe(transform);
}

async function peek(input: Readable, signal: AbortSignal): Promise<Uint8Array> {
  let head = Buffer.alloc(0);
  while (head.length < 6) {
    const chunk = (await nextChunk(input, signal)) as Buffer | null;
    if (chunk === null) break;
    head = Buffer.concat([head, chunk]);
  }
  if (head.length > 0) input.unshift(head);
  return head;
}

function nextChunk(input: Readable, signal: AbortSignal): Promise<Uint8Array | null> {
  const ready = input.read() as Uint8Array | null;
  if (ready !== null) return Promise.resolve(ready);
  if (input.readableEnded) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => (): void => {
      for (const [name, listener] of listeners) input.off(name, listener);
      signal.removeEventListener('abort', aborted);
      action();
    };
    const aborted = settle(() => reject(signal.reason));
    const listeners: [string, (error?: unknown) => void][] = [
      ['readable', settle(() => resolve(input.read() as Uint8Array | null))],
      ['end', settle(() => resolve(null))],
      ['error', (error) => settle(() => reject(error))()],
    ];
    for (const [name, listener] of listeners) input.on(name, listener);
    signal.addEventListener('abort', aborted, { once: true });
  });
}

function throughProgram(input: Readable, program: string, format: string, signal: AbortSignal): Readable {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'], signal });
  const output = new PassThrough({ highWaterMark: chunkSize });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(0, 500);
  });
  child.on('error', (cause: NodeJS.ErrnoException) => {
    const missing = `the archive is compressed with ${format}, and the program ${program} to read it is not installed`;
    output.destroy(cause.code === 'ENOENT' ? new DockerError('invalid', missing, { cause }) : cause);
  });
  // An early end of the program (a damaged archive) breaks this pipe; its exit code says why.
  child.stdin.on('error', () => {});
  input.on('error', (error) => output.destroy(error));
  output.on('close', () => {
    input.destroy();
    child.kill();
  });
  child.on('close', (code) => {
    if (code === 0) output.end();
    else
      output.destroy(new DockerError('invalid', `the archive is damaged: ${complaint.trim() || `${program} failed`}`));
  });
  input.pipe(child.stdin);
  child.stdout.pipe(output, { end: false });
  return output;
}
