import type { Duplex } from 'node:stream';
import {
  DEFAULT_FRAME_SIZE,
  DEFAULT_WINDOW,
  Flag,
  type Frame,
  FrameType,
  frame,
  frameReader,
  goAwayFrame,
  H2Code,
  headersFrames,
  MAX_WINDOW,
  PREFACE,
  type ProtocolError,
  protocolError,
  resetFrame,
  Setting,
  settingsFrame,
  stripPadding,
  windowUpdateFrame,
} from './frames.ts';
import { type HeaderField, headerDecoder, headerEncoder } from './hpack.ts';
import { batchedOutput } from './output.ts';
import { dataSender, type SendStream } from './sender.ts';

/** A socket of net or anything like it. */
export type Transport = Duplex & { readonly connecting?: boolean; ref?(): unknown; unref?(): unknown };

/** Why a stream ended before the peer closed it. */
export type StreamFailure =
  | { kind: 'reset'; h2Code: number }
  /** The peer goes away and did not look at this stream. */
  | { kind: 'refused' }
  /** The connection could not be made. */
  | { kind: 'dial'; error: Error }
  | { kind: 'lost'; error: Error };

export interface StreamHandler {
  /** A header list: the response's first, and its trailers. */
  headers(fields: HeaderField[], end: boolean): void;
  data(chunk: Buffer, end: boolean): void;
  /** Nothing follows. */
  failed(failure: StreamFailure): void;
}

export interface ClientStream {
  /** Queues the parts; `sent` is called when flow control and socket have taken them. `end` half-closes after them. */
  write(parts: readonly Uint8Array[], sent?: () => void, end?: boolean): void;
  /** Cancels both directions. The handler hears nothing more. */
  reset(): void;
  /** Lets the peer send so many bytes more. */
  credit(bytes: number): void;
}

export interface Connection {
  /** New streams may be opened. */
  usable(): boolean;
  open(fields: readonly HeaderField[], handler: StreamHandler): ClientStream;
  close(reason: Error): void;
}

interface OpenStream {
  handler: StreamHandler;
  send: SendStream;
  fields: readonly HeaderField[];
  /** Bytes consumed, but not yet granted anew. */
  uncredited: number;
}

interface HeaderBlock {
  streamId: number;
  end: boolean;
  parts: Buffer[];
  size: number;
}

const STREAM_WINDOW = 8 << 20;
const CONNECTION_WINDOW = 64 << 20;
const MAX_HEADER_LIST = 16 << 20;

/** The client's end of an HTTP/2 connection (RFC 9113). The process may end while it is idle. */
export function clientConnection(socket: Transport): Connection {
  const output = batchedOutput(socket);
  const sender = dataSender(output);
  const encode = headerEncoder();
  const decode = headerDecoder(MAX_HEADER_LIST);
  const read = frameReader(onFrame, DEFAULT_FRAME_SIZE);
  const streams = new Map<number, OpenStream>();
  const queued: OpenStream[] = [];
  let connected = !socket.connecting;
  let greeted = false;
  let closed = false;
  let goingAway = false;
  let nextStreamId = 1;
  let maxConcurrent = Number.POSITIVE_INFINITY;
  let uncredited = 0;
  let block: HeaderBlock | undefined;

  socket.once('connect', () => {
    connected = true;
  });
  socket.on('data', onChunk);
  socket.on('drain', () => sender.pump());
  socket.on('error', (error) => die(error));
  socket.on('end', () => die(new Error('the server closed the connection')));
  socket.on('close', () => die(new Error('the connection was closed')));

  output.write(PREFACE);
  output.write(
    settingsFrame([
      [Setting.ENABLE_PUSH, 0],
      [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
    ]),
  );
  output.write(windowUpdateFrame(0, CONNECTION_WINDOW - DEFAULT_WINDOW));

  function onChunk(chunk: Buffer): void {
    if (closed) return;
    try {
      read(chunk);
    } catch (error) {
      const { h2Code = H2Code.INTERNAL_ERROR } = error as Partial<ProtocolError>;
      output.write(goAwayFrame(0, h2Code));
      die(greeted ? (error as Error) : new Error('the server does not speak gRPC'));
    }
  }

  function onFrame(received: Frame): void {
    if (closed) return;
    const { type, streamId } = received;
    if (!greeted && type !== FrameType.SETTINGS) throw protocolError(H2Code.PROTOCOL_ERROR, 'no SETTINGS first');
    if (block && (type !== FrameType.CONTINUATION || streamId !== block.streamId)) {
      throw protocolError(H2Code.PROTOCOL_ERROR, 'a header block was interrupted');
    }
    switch (type) {
      case FrameType.DATA:
        onData(received);
        break;
      case FrameType.HEADERS:
        block = { streamId, end: (received.flags & Flag.END_STREAM) !== 0, parts: [], size: 0 };
        onHeaderBlock(stripPadding(received), received.flags);
        break;
      case FrameType.CONTINUATION:
        onHeaderBlock(received.payload, received.flags);
        break;
      case FrameType.RST_STREAM:
        fail(streamId, { kind: 'reset', h2Code: uint32(received, 0) });
        break;
      case FrameType.SETTINGS:
        onSettings(received);
        break;
      case FrameType.PING:
        if (!(received.flags & Flag.ACK)) output.write(frame(FrameType.PING, Flag.ACK, 0, received.payload));
        break;
      case FrameType.GOAWAY:
        onGoAway(uint32(received, 0) & 0x7fffffff);
        break;
      case FrameType.WINDOW_UPDATE:
        onWindowUpdate(streamId, uint32(received, 0) & 0x7fffffff);
        break;
      case FrameType.PUSH_PROMISE:
        throw protocolError(H2Code.PROTOCOL_ERROR, 'a push that was not allowed');
    }
  }

  function onData(received: Frame): void {
    const size = received.payload.length;
    // Memory is bounded by the windows of the streams: one that nobody reads must not hold up the others.
    uncredited += size;
    if (uncredited >= CONNECTION_WINDOW / 4) {
      output.write(windowUpdateFrame(0, uncredited));
      uncredited = 0;
    }
    const stream = streams.get(received.streamId);
    if (!stream) return;
    const end = (received.flags & Flag.END_STREAM) !== 0;
    const data = stripPadding(received);
    if (data.length < size) credit(stream, size - data.length);
    stream.handler.data(data, end);
    if (end) finish(stream);
  }

  function onHeaderBlock(part: Buffer, flags: number): void {
    if (!block) throw protocolError(H2Code.PROTOCOL_ERROR, 'CONTINUATION without HEADERS');
    block.parts.push(part);
    block.size += part.length;
    if (block.size > MAX_HEADER_LIST) throw protocolError(H2Code.ENHANCE_YOUR_CALM, 'header block too large');
    if (!(flags & Flag.END_HEADERS)) return;
    const { streamId, end, parts } = block;
    block = undefined;
    // Decoded even if nobody waits for it: the dynamic table must follow.
    const fields = decodeBlock(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    const stream = streams.get(streamId);
    if (!stream) return;
    stream.handler.headers(fields, end);
    if (end) finish(stream);
  }

  function decodeBlock(bytes: Buffer): HeaderField[] {
    try {
      return decode(bytes);
    } catch (error) {
      throw protocolError(H2Code.COMPRESSION_ERROR, (error as Error).message);
    }
  }

  function onSettings(received: Frame): void {
    greeted = true;
    if (received.flags & Flag.ACK) return;
    for (let at = 0; at + 6 <= received.payload.length; at += 6) {
      const value = received.payload.readUInt32BE(at + 2);
      switch (received.payload.readUInt16BE(at)) {
        case Setting.INITIAL_WINDOW_SIZE:
          if (value > MAX_WINDOW) throw protocolError(H2Code.FLOW_CONTROL_ERROR, 'initial window too large');
          sender.setInitialWindow(
            value,
            [...streams.values(), ...queued].map((stream) => stream.send),
          );
          break;
        case Setting.MAX_FRAME_SIZE:
          sender.setMaxFrameSize(value);
          break;
        case Setting.MAX_CONCURRENT_STREAMS:
          maxConcurrent = value;
          startQueued();
          break;
      }
    }
    output.write(frame(FrameType.SETTINGS, Flag.ACK, 0, new Uint8Array(0)));
  }

  function onGoAway(lastStreamId: number): void {
    goingAway = true;
    const refused = [...queued.splice(0), ...[...streams.values()].filter(({ send }) => send.id > lastStreamId)];
    for (const stream of refused) {
      remove(stream);
      stream.handler.failed({ kind: 'refused' });
    }
    if (streams.size === 0) die(new Error('the server is going away'));
  }

  function onWindowUpdate(streamId: number, increment: number): void {
    const stream = streams.get(streamId);
    if (streamId === 0) sender.grantConnection(increment);
    else if (stream) sender.grantStream(stream.send, increment);
  }

  function start(stream: OpenStream): void {
    if (streams.size === 0) socket.ref?.();
    stream.send.id = nextStreamId;
    nextStreamId += 2;
    streams.set(stream.send.id, stream);
    output.write(headersFrames(stream.send.id, encode(stream.fields), false, sender.maxFrameSize));
    sender.wake(stream.send);
  }

  function startQueued(): void {
    while (queued.length > 0 && streams.size < maxConcurrent && !closed) start(queued.shift()!);
  }

  function remove(stream: OpenStream): void {
    sender.drop(stream.send);
    const place = queued.indexOf(stream);
    if (place >= 0) queued.splice(place, 1);
    if (!streams.delete(stream.send.id)) return;
    startQueued();
    if (streams.size > 0) return;
    socket.unref?.();
    if (goingAway) die(new Error('the server is going away'));
  }

  /** The peer closed the stream in good order. */
  function finish(stream: OpenStream): void {
    if (!streams.has(stream.send.id)) return;
    const halfOpen = !stream.send.ended || stream.send.queue.length > 0;
    if (halfOpen) output.write(resetFrame(stream.send.id, H2Code.NO_ERROR));
    remove(stream);
  }

  function fail(streamId: number, failure: StreamFailure): void {
    const stream = streams.get(streamId);
    if (!stream) return;
    remove(stream);
    stream.handler.failed(failure);
  }

  function credit(stream: OpenStream, bytes: number): void {
    stream.uncredited += bytes;
    if (stream.uncredited < STREAM_WINDOW / 4 || !streams.has(stream.send.id)) return;
    output.write(windowUpdateFrame(stream.send.id, stream.uncredited));
    stream.uncredited = 0;
  }

  function die(error: Error): void {
    if (closed) return;
    closed = true;
    const kind = connected && greeted ? 'lost' : 'dial';
    const failed = [...streams.values(), ...queued];
    streams.clear();
    queued.length = 0;
    for (const stream of failed) {
      sender.drop(stream.send);
      stream.handler.failed({ kind, error });
    }
    socket.destroy();
  }

  return {
    usable: () => !closed && !goingAway && nextStreamId < MAX_WINDOW,
    open(fields, handler) {
      const stream: OpenStream = { handler, send: sender.newStream(), fields, uncredited: 0 };
      if (streams.size < maxConcurrent) start(stream);
      else queued.push(stream);
      return {
        write(parts, sent, end = false) {
          for (const [index, data] of parts.entries()) {
            stream.send.queue.push({ data, sent: index === parts.length - 1 ? sent : undefined });
          }
          if (end) stream.send.ended = true;
          sender.wake(stream.send);
        },
        reset() {
          if (streams.has(stream.send.id)) output.write(resetFrame(stream.send.id, H2Code.CANCEL));
          remove(stream);
        },
        credit: (bytes) => credit(stream, bytes),
      };
    },
    close: die,
  };
}

function uint32(received: Frame, at: number): number {
  if (received.payload.length < at + 4) throw protocolError(H2Code.FRAME_SIZE_ERROR, 'frame too short');
  return received.payload.readUInt32BE(at);
}
