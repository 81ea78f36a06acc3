import type { PacketStream } from '../../../src/buildkit/fsutil/packet-output.ts';

/** One end of a call in memory. */
export interface StreamEnd extends PacketStream {
  /** Nothing more comes from here. */
  end(): void;
  /** As if the connection were lost. */
  break(error: Error): void;
}

/** Two ends of a call in memory. Messages are cut out of what is written, as a peer would. */
export function streamPair(): [StreamEnd, StreamEnd] {
  const toLeft = messageQueue();
  const toRight = messageQueue();
  return [streamEnd(toLeft, toRight), streamEnd(toRight, toLeft)];
}

interface MessageQueue {
  messages: Uint8Array[];
  ended: boolean;
  error?: Error;
  wake?: () => void;
}

function messageQueue(): MessageQueue {
  return { messages: [], ended: false };
}

function streamEnd(incoming: MessageQueue, outgoing: MessageQueue): StreamEnd {
  const changed = (queue: MessageQueue) => {
    queue.wake?.();
    queue.wake = undefined;
  };
  let written: Buffer = Buffer.alloc(0);
  return {
    signal: new AbortController().signal,
    async read() {
      for (;;) {
        if (incoming.error) throw incoming.error;
        const message = incoming.messages.shift();
        if (message || incoming.ended) return message;
        await new Promise<void>((resolve) => {
          incoming.wake = resolve;
        });
      }
    },
    async writeFramed(messages) {
      if (outgoing.error) throw outgoing.error;
      written = Buffer.concat([written, messages]);
      while (written.length >= 5 && written.length >= 5 + written.readUInt32BE(1)) {
        const length = written.readUInt32BE(1);
        outgoing.messages.push(written.subarray(5, 5 + length));
        written = written.subarray(5 + length);
      }
      changed(outgoing);
    },
    end() {
      outgoing.ended = true;
      changed(outgoing);
    },
    break(error) {
      for (const queue of [incoming, outgoing]) {
        queue.error = error;
        changed(queue);
      }
    },
  };
}
