/** What we use of Bun's own, where its forms of Node's lose data or events, or take long to load. */
export interface Bun {
  file(fd: number): BunFile;
  stdin: BunFile;
  /** Rejects, with the code of the system, when there is no connection. */
  connect(options: { unix: string; socket: BunSocketHandlers }): Promise<BunSocket>;
}

export interface BunFile {
  stream(): ReadableStream<Uint8Array>;
  writer(): {
    write(data: Uint8Array): number;
    flush(): Promise<number> | number;
    end(): Promise<number> | number;
  };
}

export interface BunSocketHandlers {
  open(socket: BunSocket): void;
  data(socket: BunSocket, chunk: Buffer): void;
  /** More can be written. */
  drain(socket: BunSocket): void;
  error(socket: BunSocket, error: Error): void;
  close(socket: BunSocket): void;
}

export interface BunSocket {
  /** Gives how many bytes the kernel has taken; nothing is kept. */
  write(data: Uint8Array): number;
  /** Closes what is written behind it. */
  end(): void;
  terminate(): void;
  ref(): void;
  unref(): void;
}

/** Undefined on Node. */
export const bun = (globalThis as { Bun?: Bun }).Bun;
