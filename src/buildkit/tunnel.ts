import { Duplex } from 'node:stream';
import type { MessageStream } from '../grpc/channel.ts';
import { isRpcError, type RpcError } from '../grpc/status.ts';
import { bytesMessage, dataOf } from './bytes-message.ts';

/** A byte stream through the BytesMessages of a call. */
export interface Tunnel {
  duplex: Duplex;
  /** Resolves when the call has ended, with its error if it ended with one. */
  ended: Promise<RpcError | undefined>;
}

/** Ending the duplex half-closes the call; destroying it cancels the call. */
export function openTunnel(call: MessageStream): Tunnel {
  const duplex = new Duplex({
    // Nothing is held back here: the windows of the streams inside bound what comes.
    read() {},
    write: (chunk: Buffer, _encoding, done) => send([chunk], done),
    writev: (chunks, done) =>
      send(
        chunks.map(({ chunk }) => chunk as Buffer),
        done,
      ),
    final(done) {
      call.end();
      done();
    },
    destroy(error, done) {
      if (!duplex.writableFinished) call.cancel();
      done(error);
    },
  });

  function send(parts: Buffer[], done: (error?: Error | null) => void): void {
    call.write(bytesMessage(parts)).then(() => done(), done);
  }

  async function pump(): Promise<RpcError | undefined> {
    try {
      for (;;) {
        const message = await call.read();
        if (message === undefined) break;
        const data = dataOf(message);
        if (data.length > 0 && !duplex.destroyed) duplex.push(data);
      }
      duplex.push(null);
    } catch (error) {
      duplex.destroy(error as Error);
      if (!isRpcError(error)) throw error;
      return error;
    }
  }

  return { duplex, ended: pump() };
}
