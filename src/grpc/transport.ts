/** What a connection is made on: the part of net.Socket, or of any Duplex, that is used. */
export interface Transport {
  readonly destroyed: boolean;
  /** Bytes that are written and not yet taken. */
  readonly writableLength: number;
  /** What is written before it is connected is kept. */
  write(bytes: Uint8Array): boolean;
  /** What is written until `uncork` goes out together. */
  cork(): void;
  uncork(): void;
  /** Closes when all has gone out. */
  end(done: () => void): unknown;
  destroy(): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'drain' | 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  resume(): unknown;
  /** Where the bytes are not ours at once: settles when they are. Nothing is read or written before; a rejection ends it. */
  readonly opening?: Promise<void>;
  /** Whether it keeps the process alive. */
  ref?(): unknown;
  unref?(): unknown;
}
