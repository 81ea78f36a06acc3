import { spawn } from 'node:child_process';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { DockerError } from '../docker/errors.ts';

type ZstdFactory = (options: { chunkSize: number; params: Record<number, number> }) => Transform;
const chunkSize = 256 << 10;

/**
 * The stream as zstd, by Node where it can (from 22.15 on), or else by the program `zstd`. Errors of the input end the
 * returned stream.
 */
export function zstdCompressed(input: Readable, level: number, signal: AbortSignal): Readable {
  const { createZstdCompress, constants } = zlib as {
    createZstdCompress?: ZstdFactory;
    constants: Record<string, number>;
  };
  if (createZstdCompress) {
    const transform = createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel!]: level } });
    input.on('error', (error) => transform.destroy(error));
    transform.on('close', () => input.destroy());
    return input.pipe(transform);
  }
  return throughZstd(input, level, signal);
}

function throughZstd(input: Readable, level: number, signal: AbortSignal): Readable {
  const child = spawn('zstd', ['-q', '-c', `-${level}`], { stdio: ['pipe', 'pipe', 'ignore'], signal });
  const output = new PassThrough({ highWaterMark: chunkSize });
  child.on('error', (cause: NodeJS.ErrnoException) => {
    const missing = 'this Node cannot compress with zstd, and the program zstd is not installed';
    output.destroy(cause.code === 'ENOENT' ? new DockerError('invalid', missing, { cause }) : cause);
  });
  // An early end of the program breaks this pipe; its exit code tells.
  child.stdin.on('error', () => {});
  input.on('error', (error) => output.destroy(error));
  output.on('close', () => {
    input.destroy();
    child.kill();
  });
  child.on('close', (code) => {
    if (code === 0) output.end();
    else output.destroy(new DockerError('system', `the program zstd failed with code ${code}`));
  });
  input.pipe(child.stdin);
  child.stdout.pipe(output, { end: false });
  return output;
}
