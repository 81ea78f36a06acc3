import type { Transport } from './transport.ts';

/** Enough for the kernel to be busy; more would only be memory. */
const FULL = 256 * 1024;
const SLAB = 16 * 1024;
/** Up to here a copy costs less than one more buffer in a system call. */
const SMALL = 1024;

export interface Output {
  write(bytes: Uint8Array): void;
  /** Whether DATA should wait for the socket to drain. */
  full(): boolean;
  /** Hands over what is gathered at once. */
  flush(): void;
}

/**
 * Gathers what is written in one turn into one system call, with small pieces joined. The first bytes of a turn of the
 * event loop go out after the running function; what is awaited step by step in the same turn goes out together.
 */
export function batchedOutput(transport: Transport): Output {
  let pieces: Uint8Array[] = [];
  let gathered = 0;
  let slab: Buffer | undefined;
  /** Of the slab: what belongs to a piece already, and what is written. */
  let cut = 0;
  let filled = 0;
  let held = transport.opening !== undefined;
  let sameTurn = false;

  transport.opening?.then(
    () => {
      held = false;
      flush();
    },
    () => {},
  );

  function endPiece(): void {
    if (slab && filled > cut) pieces.push(slab.subarray(cut, filled));
    cut = filled;
  }

  function copy(bytes: Uint8Array): void {
    if (!slab || filled + bytes.length > SLAB) {
      endPiece();
      slab = Buffer.allocUnsafeSlow(SLAB);
      cut = 0;
      filled = 0;
    }
    slab.set(bytes, filled);
    filled += bytes.length;
  }

  function flush(): void {
    if (held || gathered === 0) return;
    endPiece();
    const batch = pieces;
    pieces = [];
    gathered = 0;
    if (transport.destroyed) return;
    if (batch.length === 1) {
      transport.write(batch[0]!);
      return;
    }
    transport.cork();
    for (const piece of batch) transport.write(piece);
    transport.uncork();
  }

  function onTurn(): void {
    sameTurn = false;
    flush();
  }

  return {
    write(bytes) {
      gathered += bytes.length;
      if (bytes.length <= SMALL) {
        copy(bytes);
      } else {
        endPiece();
        pieces.push(bytes);
      }
      if (gathered >= FULL) {
        flush();
      } else if (!sameTurn) {
        sameTurn = true;
        queueMicrotask(flush);
        setImmediate(onTurn);
      }
    },
    full: () => gathered + transport.writableLength > FULL,
    flush,
  };
}
