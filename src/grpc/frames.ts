/** HTTP/2 frames (RFC 9113 sections 4 and 6), for either role. */

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = { END_STREAM: 0x1, ACK: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

export const H2Code = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
} as const;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
export const DEFAULT_FRAME_SIZE = 16_384;
export const DEFAULT_WINDOW = 65_535;
export const MAX_WINDOW = 0x7fffffff;

const HEADER = 9;

export interface Frame {
  type: number;
  flags: number;
  streamId: number;
  /** A view of the chunk it came in, not a copy. */
  payload: Buffer;
}

/** An error of the whole connection; `h2Code` goes into the GOAWAY. */
export interface ProtocolError extends Error {
  h2Code: number;
}

export function protocolError(h2Code: number, message: string): ProtocolError {
  return Object.assign(new Error(`HTTP/2: ${message}`), { h2Code });
}

/** The nine bytes before a payload. */
export function frameHeader(length: number, type: number, flags: number, streamId: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER);
  header.writeUInt16BE(length >>> 8, 0);
  header[2] = length;
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return header;
}

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(payload.length, type, flags, streamId), payload]);
}

/** @param settings pairs of a Setting and its value */
export function settingsFrame(settings: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.allocUnsafe(settings.length * 6);
  for (const [index, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

export function windowUpdateFrame(streamId: number, increment: number): Buffer {
  return frame(FrameType.WINDOW_UPDATE, 0, streamId, uint32(increment));
}

export function resetFrame(streamId: number, code: number): Buffer {
  return frame(FrameType.RST_STREAM, 0, streamId, uint32(code));
}

export function goAwayFrame(lastStreamId: number, code: number, reason = ''): Buffer {
  return frame(FrameType.GOAWAY, 0, 0, Buffer.concat([uint32(lastStreamId), uint32(code), Buffer.from(reason)]));
}

/** A header block as HEADERS and as many CONTINUATIONs as the peer's frame size demands. */
export function headersFrames(streamId: number, block: Buffer, endStream: boolean, maxFrameSize: number): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  do {
    const part = block.subarray(at, at + maxFrameSize);
    const first = at === 0;
    at += part.length;
    const flags = (first && endStream ? Flag.END_STREAM : 0) | (at >= block.length ? Flag.END_HEADERS : 0);
    parts.push(frameHeader(part.length, first ? FrameType.HEADERS : FrameType.CONTINUATION, flags, streamId), part);
  } while (at < block.length);
  return Buffer.concat(parts);
}

/** The payload of a DATA or HEADERS frame without padding and priority. */
export function stripPadding(received: Frame): Buffer {
  let start = 0;
  let end = received.payload.length;
  if (received.flags & Flag.PADDED) {
    end -= received.payload[0] ?? 0;
    start = 1;
  }
  if (received.type === FrameType.HEADERS && received.flags & Flag.PRIORITY) start += 5;
  if (start > end) throw protocolError(H2Code.PROTOCOL_ERROR, 'padding longer than the frame');
  return received.payload.subarray(start, end);
}

/**
 * Cuts a byte stream into frames. Only a frame that straddles two chunks is copied.
 * @throws ProtocolError from the returned function when a frame is longer than `maxFrameSize`
 */
export function frameReader(onFrame: (received: Frame) => void, maxFrameSize: number): (chunk: Buffer) => void {
  let rest: Buffer[] = [];
  let restLength = 0;

  function lengthAt(buffer: Buffer, at: number): number {
    const length = buffer.readUIntBE(at, 3);
    if (length > maxFrameSize) throw protocolError(H2Code.FRAME_SIZE_ERROR, `frame of ${length} bytes`);
    return length;
  }

  function emit(buffer: Buffer, at: number, length: number): void {
    onFrame({
      type: buffer[at + 3]!,
      flags: buffer[at + 4]!,
      streamId: buffer.readUInt32BE(at + 5) & 0x7fffffff,
      payload: buffer.subarray(at + HEADER, at + HEADER + length),
    });
  }

  function hold(part: Buffer): void {
    if (part.length === 0) return;
    rest.push(part);
    restLength += part.length;
  }

  /** Completes what is held with the beginning of `chunk`; returns the bytes taken. */
  function fill(chunk: Buffer, wanted: number): number {
    const taken = Math.min(wanted - restLength, chunk.length);
    if (taken > 0) hold(chunk.subarray(0, taken));
    if (rest.length > 1) rest = [Buffer.concat(rest, restLength)];
    return Math.max(taken, 0);
  }

  return (chunk) => {
    let at = 0;
    if (restLength > 0) {
      at += fill(chunk, HEADER);
      if (restLength < HEADER) return;
      const length = lengthAt(rest[0]!, 0);
      at += fill(chunk.subarray(at), HEADER + length);
      if (restLength < HEADER + length) return;
      const whole = rest[0]!;
      rest = [];
      restLength = 0;
      emit(whole, 0, length);
    }
    while (chunk.length - at >= HEADER) {
      const length = lengthAt(chunk, at);
      if (chunk.length - at < HEADER + length) break;
      emit(chunk, at, length);
      at += HEADER + length;
    }
    hold(chunk.subarray(at));
  };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
