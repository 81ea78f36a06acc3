import type { RpcError } from './status.ts';

export interface PendingWrites {
  /** @param queue gets the function to call when flow control and transport have taken the message */
  add(queue: (sent: () => void) => void): Promise<void>;
  rejectAll(error: RpcError): void;
}

/** The messages of a call that wait for flow control or the transport. */
export function pendingWrites(): PendingWrites {
  const rejects = new Set<(error: RpcError) => void>();
  return {
    add(queue) {
      const written = new Promise<void>((resolve, reject) => {
        rejects.add(reject);
        queue(() => {
          rejects.delete(reject);
          resolve();
        });
      });
      return unwatched(written);
    },
    rejectAll(error) {
      for (const reject of rejects) reject(error);
      rejects.clear();
    },
  };
}

/** Who writes many messages need not look at each of them: the end of the call says that one failed. */
export function unwatched(written: Promise<void>): Promise<void> {
  written.catch(() => {});
  return written;
}
