import { H2Code, MAX_WINDOW, Setting } from './frames.ts';
import type { HeaderField } from './hpack.ts';
import { type KeepAlive, keepAlive } from './keep-alive.ts';
import { type LinkStream, type StreamHandler, startLink } from './link.ts';
import type { Transport } from './transport.ts';

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

interface OpenStream extends LinkStream {
  fields: readonly HeaderField[];
}

/** The client's end of an HTTP/2 connection. The process may end while it is idle. */
export function clientConnection(transport: Transport, alive?: KeepAlive): Connection {
  const queued: OpenStream[] = [];
  let goingAway = false;
  let nextStreamId = 1;
  let maxConcurrent = Number.POSITIVE_INFINITY;

  const link = startLink(transport, {
    peer: 'server',
    preface: 'ours',
    settings: [[Setting.ENABLE_PUSH, 0]],
    // The rest of a stream that is over here.
    unknown() {},
    ended(stream) {
      const halfOpen = !stream.send.ended || stream.send.queue.length > 0;
      if (halfOpen) link.reset(stream, H2Code.NO_ERROR);
      else link.remove(stream);
    },
    removed() {
      startQueued();
      if (link.streams.size > 0) return;
      transport.unref?.();
      if (goingAway) link.die(new Error('the server is going away'));
    },
    goAway(lastStreamId) {
      goingAway = true;
      const refused: LinkStream[] = queued.splice(0);
      for (const stream of link.streams.values()) if (stream.send.id > lastStreamId) refused.push(stream);
      for (const stream of refused) {
        link.remove(stream);
        stream.handler.failed({ kind: 'refused' });
      }
      if (link.streams.size === 0) link.die(new Error('the server is going away'));
    },
    maxConcurrent(streams) {
      maxConcurrent = streams;
      startQueued();
    },
    died(failure) {
      for (const stream of queued.splice(0)) stream.handler.failed(failure);
    },
  });

  if (alive) keepAlive(link, alive);

  function start(stream: OpenStream): void {
    if (link.streams.size === 0) transport.ref?.();
    const id = nextStreamId;
    nextStreamId += 2;
    link.headers(id, stream.fields, false);
    link.add(stream, id);
  }

  function startQueued(): void {
    while (queued.length > 0 && link.streams.size < maxConcurrent && !link.closed()) start(queued.shift()!);
  }

  return {
    usable: () => !link.closed() && !goingAway && nextStreamId < MAX_WINDOW,
    open(fields, handler) {
      const stream: OpenStream = { ...link.newStream(handler), fields };
      if (link.streams.size < maxConcurrent) start(stream);
      else queued.push(stream);
      return {
        write(parts, sent, end = false) {
          for (const [index, data] of parts.entries()) {
            stream.send.queue.push({ data, sent: index === parts.length - 1 ? sent : undefined });
          }
          if (end) stream.send.ended = true;
          link.sender.wake(stream.send);
        },
        reset() {
          link.reset(stream, H2Code.CANCEL);
          const place = queued.indexOf(stream);
          if (place >= 0) queued.splice(place, 1);
        },
        credit: (bytes) => link.credit(stream, bytes),
      };
    },
    close: (reason) => link.die(reason),
  };
}
