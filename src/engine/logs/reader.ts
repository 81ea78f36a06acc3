import type { FileHandle } from 'node:fs/promises';
import { type EntryFormat, formatEntries, type StreamName } from './entries.ts';

/** Where output goes; the command line's streams have this shape. */
export interface LogSink {
  write(data: Uint8Array): boolean;
  drained(): Promise<void>;
}

export type LogSinks = Partial<Record<StreamName, LogSink>>;

const chunkSize = 1 << 20;

/** Position in one file of a log. */
export interface Cursor {
  handle: FileHandle;
  offset: number;
}

/** Writes what is there from the cursor on, complete lines only; false if an entry after `until` has been seen. */
export async function readOn(
  cursor: Cursor,
  format: EntryFormat,
  sinks: LogSinks,
  signal?: AbortSignal,
): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(chunkSize);
  let carry = '';
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await cursor.handle.read(buffer, 0, chunkSize, cursor.offset + carry.length);
    if (bytesRead === 0) return true;
    const text = carry + buffer.toString('latin1', 0, bytesRead);
    const complete = text.lastIndexOf('\n') + 1;
    const waiting: Promise<void>[] = [];
    const more = formatEntries(text.slice(0, complete), format, (stream, latin1) => {
      const sink = sinks[stream];
      if (sink && !sink.write(Buffer.from(latin1, 'latin1'))) waiting.push(sink.drained());
    });
    await Promise.all(waiting);
    cursor.offset += complete;
    carry = text.slice(complete);
    if (!more) return false;
  }
}
