/** What we use of Bun's own, where its forms of Node's lose data or events: FIFOs and standard input. */
export interface Bun {
  file(fd: number): BunFile;
  stdin: BunFile;
}

export interface BunFile {
  stream(): ReadableStream<Uint8Array>;
  writer(): {
    write(data: Uint8Array): number;
    flush(): Promise<number> | number;
    end(): Promise<number> | number;
  };
}

/** Undefined on Node. */
export const bun = (globalThis as { Bun?: Bun }).Bun;
