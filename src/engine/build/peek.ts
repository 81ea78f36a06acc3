import { addAbortSignal, Readable } from 'node:stream';

/** The first bytes of a stream, fewer where it ends before, and the whole of it to be read on. */
export async function peek(
  input: Readable,
  size: number,
  signal: AbortSignal,
): Promise<{ head: Uint8Array; whole: Readable }> {
  addAbortSignal(signal, input);
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let head: Uint8Array = new Uint8Array();
  let ended = false;
  while (head.length < size && !ended) {
    const next = await chunks.next();
    if (next.done) ended = true;
    else head = Buffer.concat([head, next.value]);
  }
  const rest = { [Symbol.asyncIterator]: () => chunks };
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head;
    if (!ended) yield* rest;
  }
  return { head, whole: Readable.from(whole(), { objectMode: false }) };
}
