/** Where output goes; the command line's streams have this shape. */
export interface Sink {
  /** False: enough for now, wait for `drained`. */
  write(data: Uint8Array): boolean;
  drained(): Promise<void>;
}

/** Hands `data` to the sink and waits until it may have more. */
export async function writeTo(sink: Sink | undefined, data: Uint8Array): Promise<void> {
  if (sink && !sink.write(data)) await sink.drained();
}
