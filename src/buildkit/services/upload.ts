import { basename } from 'node:path/posix';
import { fieldOf } from '../../grpc/hpack.ts';
import type { Handler } from '../../grpc/server.ts';
import { Code, RpcError } from '../../grpc/status.ts';
import { bytesMessage } from '../bytes-message.ts';

const CHUNK = 1 << 20;

/**
 * Gives BuildKit the context of a build as `http://buildkit-session/ID`, each stream once.
 * @param sources by ID: a tar archive, compressed or not, or a Dockerfile
 */
export function uploadService(sources: Record<string, AsyncIterable<Uint8Array>>): [string, Handler][] {
  const left = new Map(Object.entries(sources));
  return [
    [
      '/moby.upload.v1.Upload/Pull',
      async (call) => {
        const id = basename(fieldOf(call.metadata, 'urlpath') ?? '');
        const source = left.get(id);
        if (!source) throw new RpcError(Code.NOT_FOUND, `nothing is uploaded as ${id}`);
        left.delete(id);
        for await (const chunk of source) {
          for (let at = 0; at < chunk.length; at += CHUNK) {
            await call.write(bytesMessage([chunk.subarray(at, at + CHUNK)]));
          }
        }
      },
    ],
  ];
}
