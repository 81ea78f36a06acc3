import type { ByteString } from '../../docker/values/byte-text.ts';
import { headSize, PacketType, putDataHead, putHead, putStatPacket, statPacketSize } from './packet.ts';
import type { FileStat } from './stat.ts';
import { varintSize } from './varint.ts';

/** The call that the packets travel on, one packet a message. Both ends of a transfer see it so. */
export interface PacketStream {
  /** The peer has cancelled the call, or is gone. */
  readonly signal: AbortSignal;
  /** The next packet; undefined after the last. */
  read(): Promise<Uint8Array | undefined>;
  /**
   * Messages, each with gRPC's prefix before it; one may go on in the next call. The bytes are not touched again. Need
   * not be awaited before the next. Resolves when they are on their way, rejects when the call is over.
   */
  writeFramed(messages: Uint8Array): Promise<void>;
}

/** Puts packets one after the other into few large buffers: for small files their number is what costs. */
export interface PacketOutput {
  /** Without one: the end of the list. */
  stat(stat?: FileStat): void;
  request(id: number): void;
  data(id: number, bytes: Uint8Array): void;
  /**
   * Data that `read` puts at the place that it is given, at most `length` bytes; returns how many it was.
   * @param expected how many it most likely is
   */
  fill(id: number, length: number, expected: number, read: (out: Buffer, at: number, length: number) => number): number;
  endOfFile(id: number): void;
  fin(): void;
  error(sentence: ByteString): void;
  /** A promise to wait for before more is written: enough is on its way. Rejects when the call is over. */
  full(): Promise<void> | undefined;
  /** All is on its way, or the call is over. */
  drained(): Promise<void>;
}

const CHUNK = 256 * 1024;
/** What is written at once; less only when nothing more comes in this turn of the event loop. */
const ENOUGH = 64 * 1024;
const MAX_IN_FLIGHT = 2 << 20;
/** gRPC's: a flag and the length. */
const PREFIX = 5;
/** More than that is not copied. */
const LARGE = 16 * 1024;

export function packetOutput(stream: PacketStream): PacketOutput {
  let chunk = Buffer.allocUnsafeSlow(CHUNK);
  let start = 0;
  let at = 0;
  let scheduled = false;
  let inFlight = 0;
  let failure: { error: unknown } | undefined;
  let last = Promise.resolve();
  let waiting: { promise: Promise<void>; done(): void } | undefined;

  function flush(): void {
    if (at > start) send(chunk.subarray(start, at));
    start = at;
  }

  function send(bytes: Uint8Array): void {
    inFlight += bytes.length;
    last = stream.writeFramed(bytes);
    last
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        inFlight -= bytes.length;
        if (waiting && (failure || inFlight <= MAX_IN_FLIGHT / 2)) wake();
      });
  }

  function wake(): void {
    waiting?.done();
    waiting = undefined;
  }

  /** Makes room for so many bytes in a row at `at`. */
  function reserve(size: number): void {
    if (at + size <= chunk.length) return;
    flush();
    chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK, size));
    start = 0;
    at = 0;
  }

  function prefix(length: number): void {
    chunk[at] = 0;
    chunk.writeUInt32BE(length, at + 1);
    at += PREFIX;
  }

  function written(): void {
    if (at - start >= ENOUGH) {
      flush();
    } else if (!scheduled) {
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        flush();
      });
    }
  }

  /** Type, ID and the length of the data, with the prefix. */
  function head(type: number, id: number, length: number): void {
    const size = headSize(type, id);
    prefix(size + (length === 0 ? 0 : 1 + varintSize(length) + length));
    at = putHead(chunk, at, type, id);
    if (length > 0) at = putDataHead(chunk, at, length);
  }

  function packet(type: number, id: number, bytes?: Uint8Array): void {
    const length = bytes?.length ?? 0;
    reserve(HEAD + (length > LARGE ? 0 : length));
    head(type, id, length);
    if (bytes && length > LARGE) {
      flush();
      send(bytes);
    } else if (bytes) {
      chunk.set(bytes, at);
      at += length;
    }
    written();
  }

  return {
    stat(stat) {
      if (!stat) {
        packet(PacketType.STAT, 0);
        return;
      }
      const size = statPacketSize(stat);
      reserve(PREFIX + size.packet);
      prefix(size.packet);
      at = putStatPacket(chunk, at, stat, size.body);
      written();
    },
    request: (id) => packet(PacketType.REQ, id),
    data: (id, bytes) => packet(PacketType.DATA, id, bytes),
    fill(id, length, expected, read) {
      reserve(HEAD + length);
      const begin = at;
      head(PacketType.DATA, id, expected);
      const place = at;
      // Of a read that fails nothing stays.
      at = begin;
      const got = read(chunk, place, length);
      if (got === expected && got > 0) {
        at = place + got;
        written();
      } else if (got > 0) {
        // The head is of another length: the data moves.
        packet(PacketType.DATA, id, Buffer.from(chunk.subarray(place, place + got)));
      }
      return got;
    },
    endOfFile: (id) => packet(PacketType.DATA, id),
    fin: () => packet(PacketType.FIN, 0),
    error: (sentence) => packet(PacketType.ERR, 0, Buffer.from(sentence)),
    full() {
      if (failure) return Promise.reject(failure.error);
      if (inFlight < MAX_IN_FLIGHT) return undefined;
      if (!waiting) {
        let done = () => {};
        const promise = new Promise<void>((resolve) => {
          done = resolve;
        });
        waiting = { promise, done };
      }
      return waiting.promise;
    },
    async drained() {
      flush();
      await last.catch(() => {});
    },
  };
}

/** As much as type, ID, the length of data and the prefix may take. */
const HEAD = PREFIX + 2 + 11 + 11;
