import { fifo } from './fifo.ts';
import { messageReader, PREFIX } from './messages.ts';
import { Code, RpcError } from './status.ts';

/** The messages that came and that nobody has read yet. */
export interface Inbox {
  /** @throws Error when what comes are no messages that we take */
  take(chunk: Buffer): void;
  /** No more will come: reads give what is there, then undefined or the error, which may also come after a good end. */
  end(error?: RpcError): void;
  /** Forgets what is there. */
  clear(): void;
  /** One read at a time. */
  read(): Promise<Uint8Array | undefined>;
}

interface Waiter {
  resolve(message: Uint8Array | undefined): void;
  reject(error: RpcError): void;
}

/** @param credit called with the bytes that the peer may send anew: those read, and those of unfinished messages at once */
export function messageInbox(credit: (bytes: number) => void): Inbox {
  const messages = fifo<Buffer>();
  let reader: Waiter | undefined;
  let ended = false;
  let failure: RpcError | undefined;
  let received = 0;
  let waiting = 0;
  let credited = 0;

  const takeChunk = messageReader((message) => {
    if (reader) {
      const { resolve } = reader;
      reader = undefined;
      resolve(message);
      return;
    }
    messages.push(message);
    waiting += message.length + PREFIX;
  });

  function giveBack(): void {
    const bytes = received - waiting - credited;
    credited += bytes;
    credit(bytes);
  }

  return {
    take(chunk) {
      received += chunk.length;
      takeChunk(chunk);
      giveBack();
    },
    end(error) {
      if (ended && !error) return;
      ended = true;
      failure ??= error;
      if (error) reader?.reject(error);
      else reader?.resolve(undefined);
      reader = undefined;
    },
    clear: () => messages.clear(),
    read() {
      const message = messages.shift();
      if (message) {
        waiting -= message.length + PREFIX;
        if (!ended) giveBack();
        return Promise.resolve(message);
      }
      if (failure) return Promise.reject(failure);
      if (ended) return Promise.resolve(undefined);
      if (reader) return Promise.reject(new RpcError(Code.INTERNAL, 'two reads of one call at a time'));
      return new Promise((resolve, reject) => {
        reader = { resolve, reject };
      });
    },
  };
}
