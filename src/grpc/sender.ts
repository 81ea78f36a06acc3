import { type Fifo, fifo } from './fifo.ts';
import {
  DEFAULT_FRAME_SIZE,
  DEFAULT_WINDOW,
  Flag,
  FrameType,
  frameHeader,
  H2Code,
  MAX_WINDOW,
  protocolError,
} from './frames.ts';
import type { Output } from './output.ts';

interface Chunk {
  data: Uint8Array;
  /** Called when the last byte has gone to the socket; for an empty chunk, when all before it has. */
  sent?: () => void;
}

/** The sending half of a stream. */
export interface SendStream {
  /** 0 until the HEADERS have gone out. */
  id: number;
  window: number;
  readonly queue: Fifo<Chunk>;
  /** Of the first chunk, bytes that are gone. */
  offset: number;
  /** Nothing follows what is queued. */
  ended: boolean;
}

export type Sender = ReturnType<typeof dataSender>;

/** DATA frames of all streams of a connection, as far as both flow-control windows and the socket allow. */
export function dataSender(output: Output) {
  let window = DEFAULT_WINDOW;
  let initialWindow = DEFAULT_WINDOW;
  let maxFrameSize = DEFAULT_FRAME_SIZE;
  const waiting = new Set<SendStream>();

  /** One frame of each stream in turn, so that none starves. */
  function pump(): void {
    for (let progress = true; progress && waiting.size > 0; ) {
      progress = false;
      for (const stream of waiting) {
        if (output.full()) return;
        if (sendFrame(stream)) progress = true;
      }
    }
  }

  function sendFrame(stream: SendStream): boolean {
    const room = Math.max(0, Math.min(window, stream.window, maxFrameSize));
    const { parts, length, sent } = take(stream, room);
    const end = stream.ended && stream.queue.length === 0;
    if (length > 0 || end) {
      output.write(frameHeader(length, FrameType.DATA, end ? Flag.END_STREAM : 0, stream.id));
      for (const part of parts) output.write(part);
      window -= length;
      stream.window -= length;
    } else if (sent.length === 0) {
      return false;
    }
    if (stream.queue.length === 0) waiting.delete(stream);
    for (const callback of sent) callback();
    return true;
  }

  function wake(stream: SendStream): void {
    if (stream.id === 0 || (stream.queue.length === 0 && !stream.ended)) return;
    waiting.add(stream);
    pump();
  }

  return {
    pump,
    wake,
    get maxFrameSize() {
      return maxFrameSize;
    },
    newStream: (): SendStream => ({ id: 0, window: 0, queue: fifo(), offset: 0, ended: false }),
    /** The HEADERS have gone out. */
    start(stream: SendStream, id: number): void {
      stream.id = id;
      stream.window = initialWindow;
      wake(stream);
    },
    drop(stream: SendStream): void {
      waiting.delete(stream);
      stream.queue.clear();
    },
    grantConnection(increment: number): void {
      window = widened(window, increment);
      pump();
    },
    grantStream(stream: SendStream, increment: number): void {
      stream.window = widened(stream.window, increment);
      pump();
    },
    /** SETTINGS_INITIAL_WINDOW_SIZE changes the windows of open streams too, even below zero. */
    setInitialWindow(size: number, open: Iterable<SendStream>): void {
      for (const stream of open) stream.window = widened(stream.window, size - initialWindow);
      initialWindow = size;
      pump();
    },
    setMaxFrameSize(size: number): void {
      maxFrameSize = size;
    },
  };
}

function widened(window: number, increment: number): number {
  if (window + increment > MAX_WINDOW) throw protocolError(H2Code.FLOW_CONTROL_ERROR, 'flow-control window too large');
  return window + increment;
}

function take(stream: SendStream, room: number) {
  const parts: Uint8Array[] = [];
  const sent: (() => void)[] = [];
  let length = 0;
  for (let chunk = stream.queue.peek(); chunk !== undefined; chunk = stream.queue.peek()) {
    if (length >= room && chunk.data.length > 0) break;
    const part = chunk.data.subarray(stream.offset, stream.offset + room - length);
    if (part.length > 0) parts.push(part);
    length += part.length;
    stream.offset += part.length;
    if (stream.offset < chunk.data.length) break;
    stream.queue.shift();
    stream.offset = 0;
    if (chunk.sent) sent.push(chunk.sent);
  }
  return { parts, length, sent };
}
