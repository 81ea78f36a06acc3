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
import { type HeaderBlock, headerBlocks } from './header-blocks.ts';
import { type HeaderField, headerEncoder } from './hpack.ts';
import { batchedOutput, type Output } from './output.ts';
import { dataSender, type Sender, type SendStream } from './sender.ts';
import type { Transport } from './transport.ts';

/** Why a stream ended before the peer closed it. */
export type StreamFailure =
  | { kind: 'reset'; h2Code: number }
  /** The peer goes away and did not look at this stream. */
  | { kind: 'refused' }
  /** The connection could not be made. */
  | { kind: 'dial'; error: Error }
  | { kind: 'lost'; error: Error };

export interface StreamHandler {
  /** A header list: the first, or the trailers. */
  headers(fields: HeaderField[], end: boolean): void;
  data(chunk: Buffer, end: boolean): void;
  /** Nothing follows. */
  failed(failure: StreamFailure): void;
}

export interface LinkStream {
  handler: StreamHandler;
  readonly send: SendStream;
  /** Bytes consumed, but not yet granted anew. */
  uncredited: number;
  /** Bytes that the peer may send. */
  room: number;
}

/** What only one end of a connection does. */
export interface Role {
  /** As sentences name it. */
  peer: 'server' | 'client';
  /** Who writes the connection preface. */
  preface: 'ours' | 'theirs';
  settings: readonly (readonly [number, number])[];
  /** A header block of a stream that is not open. */
  unknown(block: HeaderBlock): void;
  /** The peer has half-closed; the handler knows. */
  ended(stream: LinkStream): void;
  removed(): void;
  goAway(lastStreamId: number): void;
  maxConcurrent(streams: number): void;
  /** The connection is gone, and the streams that were open have failed. */
  died(failure: StreamFailure): void;
}

export interface Link {
  readonly streams: ReadonlyMap<number, LinkStream>;
  readonly output: Output;
  readonly sender: Sender;
  newStream(handler: StreamHandler): LinkStream;
  /** Takes the stream into account and sends nothing. */
  add(stream: LinkStream, id: number): void;
  remove(stream: LinkStream): void;
  headers(id: number, fields: readonly HeaderField[], end: boolean): void;
  reset(stream: LinkStream, h2Code: number): void;
  /** Lets the peer send so many bytes more. */
  credit(stream: LinkStream, bytes: number): void;
  closed(): boolean;
  /** When the last bytes came, or the beginning: milliseconds since 1970. */
  heard(): number;
  /** Ends all. Graceful: what is written goes out first. */
  die(error: Error, graceful?: boolean): void;
}

const STREAM_WINDOW = 16 << 20;
const CONNECTION_WINDOW = 64 << 20;
const NOTHING = new Uint8Array(0);

/** What both ends of an HTTP/2 connection (RFC 9113) share: frames in and out, windows, settings, its end. */
export function startLink(transport: Transport, role: Role): Link {
  const output = batchedOutput(transport);
  const sender = dataSender(output);
  const encode = headerEncoder();
  const takeBlock = headerBlocks();
  const read = frameReader(onFrame, DEFAULT_FRAME_SIZE);
  const streams = new Map<number, LinkStream>();
  let greeted = false;
  let closed = false;
  let uncredited = 0;
  let heard = Date.now();
  let awaited: Buffer = role.preface === 'theirs' ? PREFACE : PREFACE.subarray(PREFACE.length);

  // Whoever opened it may have paused it.
  if (transport.opening) {
    transport.opening.then(() => {
      transport.on('data', receive);
      transport.resume();
    }, die);
  } else transport.on('data', receive);
  transport.on('drain', () => sender.pump());
  transport.on('error', (error) => die(error));
  transport.on('end', () => die(new Error(`the ${role.peer} closed the connection`)));
  transport.on('close', () => die(new Error('the connection was closed')));

  if (role.preface === 'ours') output.write(PREFACE);
  output.write(settingsFrame([...role.settings, [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW]]));
  output.write(windowUpdateFrame(0, CONNECTION_WINDOW - DEFAULT_WINDOW));

  function receive(chunk: Buffer): void {
    if (closed) return;
    heard = Date.now();
    try {
      read(awaited.length > 0 ? afterPreface(chunk) : chunk);
    } catch (error) {
      const { h2Code = H2Code.INTERNAL_ERROR } = error as Partial<ProtocolError>;
      output.write(goAwayFrame(0, h2Code));
      die(greeted ? (error as Error) : new Error(`the ${role.peer} does not speak gRPC`));
    }
  }

  function afterPreface(chunk: Buffer): Buffer {
    const length = Math.min(chunk.length, awaited.length);
    if (!chunk.subarray(0, length).equals(awaited.subarray(0, length))) {
      throw protocolError(H2Code.PROTOCOL_ERROR, 'no connection preface');
    }
    awaited = awaited.subarray(length);
    return chunk.subarray(length);
  }

  function onFrame(received: Frame): void {
    if (closed) return;
    const { type, streamId } = received;
    if (!greeted && type !== FrameType.SETTINGS) throw protocolError(H2Code.PROTOCOL_ERROR, 'no SETTINGS first');
    const block = takeBlock(received);
    if (block !== undefined) {
      if (block !== 'more') onHeaders(block);
      return;
    }
    switch (type) {
      case FrameType.DATA:
        onData(received);
        break;
      case FrameType.RST_STREAM:
        onReset(streamId, uint32(received, 0));
        break;
      case FrameType.SETTINGS:
        onSettings(received);
        break;
      case FrameType.PING:
        if (!(received.flags & Flag.ACK)) output.write(frame(FrameType.PING, Flag.ACK, 0, received.payload));
        break;
      case FrameType.GOAWAY:
        role.goAway(uint32(received, 0) & 0x7fffffff);
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
    stream.room -= size;
    if (stream.room < 0) throw protocolError(H2Code.FLOW_CONTROL_ERROR, 'more data than the window allows');
    const end = (received.flags & Flag.END_STREAM) !== 0;
    const data = stripPadding(received);
    if (data.length < size) credit(stream, size - data.length);
    stream.handler.data(data, end);
    if (end) role.ended(stream);
  }

  function onHeaders(block: HeaderBlock): void {
    const stream = streams.get(block.streamId);
    if (!stream) {
      role.unknown(block);
      return;
    }
    stream.handler.headers(block.fields, block.end);
    if (block.end) role.ended(stream);
  }

  function onReset(streamId: number, h2Code: number): void {
    const stream = streams.get(streamId);
    if (!stream) return;
    remove(stream);
    stream.handler.failed({ kind: 'reset', h2Code });
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
            [...streams.values()].map((stream) => stream.send),
          );
          break;
        case Setting.MAX_FRAME_SIZE:
          if (value < DEFAULT_FRAME_SIZE) throw protocolError(H2Code.PROTOCOL_ERROR, 'frame size too small');
          sender.setMaxFrameSize(value);
          break;
        case Setting.MAX_CONCURRENT_STREAMS:
          role.maxConcurrent(value);
          break;
      }
    }
    output.write(frame(FrameType.SETTINGS, Flag.ACK, 0, NOTHING));
  }

  function onWindowUpdate(streamId: number, increment: number): void {
    const stream = streams.get(streamId);
    if (streamId === 0) sender.grantConnection(increment);
    else if (stream) sender.grantStream(stream.send, increment);
  }

  function remove(stream: LinkStream): void {
    sender.drop(stream.send);
    if (streams.delete(stream.send.id)) role.removed();
  }

  function credit(stream: LinkStream, bytes: number): void {
    stream.uncredited += bytes;
    if (stream.uncredited < STREAM_WINDOW / 4 || !streams.has(stream.send.id)) return;
    output.write(windowUpdateFrame(stream.send.id, stream.uncredited));
    stream.room += stream.uncredited;
    stream.uncredited = 0;
  }

  function die(error: Error, graceful = false): void {
    if (closed) return;
    closed = true;
    output.flush();
    const failure: StreamFailure = { kind: greeted ? 'lost' : 'dial', error };
    const failed = [...streams.values()];
    streams.clear();
    for (const stream of failed) {
      sender.drop(stream.send);
      stream.handler.failed(failure);
    }
    role.died(failure);
    if (graceful) transport.end(() => transport.destroy());
    else transport.destroy();
  }

  return {
    streams,
    output,
    sender,
    newStream: (handler) => ({ handler, send: sender.newStream(), uncredited: 0, room: STREAM_WINDOW }),
    add(stream, id) {
      streams.set(id, stream);
      sender.start(stream.send, id);
    },
    remove,
    headers: (id, fields, end) => output.write(headersFrames(id, encode(fields), end, sender.maxFrameSize)),
    reset(stream, h2Code) {
      if (streams.has(stream.send.id)) output.write(resetFrame(stream.send.id, h2Code));
      remove(stream);
    },
    credit,
    closed: () => closed,
    heard: () => heard,
    die,
  };
}

function uint32(received: Frame, at: number): number {
  if (received.payload.length < at + 4) throw protocolError(H2Code.FRAME_SIZE_ERROR, 'frame too short');
  return received.payload.readUInt32BE(at);
}
