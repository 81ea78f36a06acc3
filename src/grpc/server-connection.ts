import { goAwayFrame, H2Code, protocolError, Setting } from './frames.ts';
import type { HeaderField } from './hpack.ts';
import { type Link, type LinkStream, type StreamHandler, startLink } from './link.ts';
import type { Transport } from './transport.ts';

export interface ServerStream {
  headers(fields: readonly HeaderField[]): void;
  /** Queues the parts; `sent` is called when flow control and transport have taken them. */
  write(parts: readonly Uint8Array[], sent: () => void): void;
  /** Ends the stream with a header list, after what is queued. */
  end(trailers: readonly HeaderField[]): void;
  /** Lets the peer send so many bytes more. */
  credit(bytes: number): void;
}

/** Called for each stream that the peer opens; `end` when nothing follows its headers. */
export type Accept = (stream: ServerStream, fields: HeaderField[], end: boolean) => StreamHandler;

export interface ServerConnection {
  close(): void;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
}

const MAX_STREAMS = 1000;
const NOTHING = new Uint8Array(0);

/** The server's end of an HTTP/2 connection. */
export function serverConnection(transport: Transport, accept: Accept): ServerConnection {
  const halfClosed = new WeakSet<LinkStream>();
  let lastStreamId = 0;
  let resolveClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });

  const link = startLink(transport, {
    peer: 'client',
    preface: 'theirs',
    settings: [[Setting.MAX_CONCURRENT_STREAMS, MAX_STREAMS]],
    unknown({ streamId, fields, end }) {
      // The rest of a stream that is over here.
      if (streamId <= lastStreamId) return;
      if (streamId % 2 === 0) throw protocolError(H2Code.PROTOCOL_ERROR, `the client opened stream ${streamId}`);
      lastStreamId = streamId;
      const stream = link.newStream(refused);
      link.add(stream, streamId);
      if (link.streams.size > MAX_STREAMS) {
        link.reset(stream, H2Code.REFUSED_STREAM);
        return;
      }
      if (end) halfClosed.add(stream);
      stream.handler = accept(serverStream(link, stream, halfClosed), fields, end);
    },
    ended: (stream) => halfClosed.add(stream),
    removed() {},
    // It opens no more; what is open goes on.
    goAway() {},
    maxConcurrent() {},
    died: () => resolveClosed(),
  });

  return {
    close() {
      if (link.closed()) return;
      link.output.write(goAwayFrame(lastStreamId, H2Code.NO_ERROR));
      link.die(new Error('the connection was closed'), true);
    },
    closed,
  };
}

const refused: StreamHandler = { headers() {}, data() {}, failed() {} };

function serverStream(link: Link, stream: LinkStream, halfClosed: WeakSet<LinkStream>): ServerStream {
  return {
    headers: (fields) => {
      if (link.streams.has(stream.send.id)) link.headers(stream.send.id, fields, false);
    },
    write(parts, sent) {
      const last = parts.length - 1;
      for (let index = 0; index <= last; index++) {
        stream.send.queue.push({ data: parts[index]!, sent: index === last ? sent : undefined });
      }
      link.sender.wake(stream.send);
    },
    end(trailers) {
      const sent = () => {
        if (!link.streams.has(stream.send.id)) return;
        link.headers(stream.send.id, trailers, true);
        if (halfClosed.has(stream)) link.remove(stream);
        else link.reset(stream, H2Code.NO_ERROR);
      };
      stream.send.queue.push({ data: NOTHING, sent });
      link.sender.wake(stream.send);
    },
    credit: (bytes) => link.credit(stream, bytes),
  };
}
