import { FrameType, frame } from './frames.ts';
import type { Link } from './link.ts';

/** Milliseconds. */
export interface KeepAlive {
  /** After so long without a byte from the peer, while something is asked of it, it is asked for a sign. */
  silence: number;
  /** It has so long to give one. */
  answer: number;
  /** It is not asked more often than this: servers of gRPC end a connection with too many questions. */
  pause: number;
}

/** For peers over a network: one that has lost its power, or its way here, never closes a connection. */
export const remotePeer: KeepAlive = { silence: 20_000, answer: 20_000, pause: 300_000 };

/** Ends the connection when the peer is gone without a word. */
export function keepAlive(link: Link, { silence, answer, pause }: KeepAlive): void {
  let asked = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    if (link.closed()) clearInterval(timer);
    else if (link.streams.size === 0) return;
    else if (asked > link.heard()) giveUp();
    else if (Date.now() - link.heard() >= silence && Date.now() - asked >= pause) {
      asked = Date.now();
      link.output.write(frame(FrameType.PING, 0, 0, new Uint8Array(8)));
    }
  }, answer / 10);
  timer.unref();

  function giveUp(): void {
    if (Date.now() - asked < answer) return;
    // Where this program was busy itself, the answer may be there and not read yet.
    setImmediate(() => {
      if (asked <= link.heard()) return;
      link.die(
        Object.assign(new Error(`nothing was heard for ${(silence + answer) / 1000} seconds`), { code: 'ETIMEDOUT' }),
      );
    });
  }
}
