import type { Duplex } from 'node:stream';

/** A socket of net or tls, or anything like it. What is written before it is connected is kept, as net.Socket does. */
export type Transport = Duplex & {
  /** Where the bytes are not ours at once: settles when they are. Nothing is read or written before; a rejection ends it. */
  readonly opening?: Promise<void>;
  ref?(): unknown;
  unref?(): unknown;
};
