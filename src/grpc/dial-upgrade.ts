import type { Duplex } from 'node:stream';
import type { Transport } from './transport.ts';

const REQUEST = 'POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
const MAX_ANSWER = 16 * 1024;

/** dockerd serves its BuildKit on a connection that began as a request to its HTTP API. */
export function dialUpgrade(dial: () => Duplex): () => Transport {
  return () => {
    const socket = dial();
    socket.write(REQUEST);
    return Object.assign(socket, { opening: upgraded(socket) });
  };
}

function upgraded(socket: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);

    function settle(error?: Error): void {
      socket.off('data', onData).off('end', onEnd).off('error', settle);
      if (error) {
        reject(error);
        return;
      }
      socket.pause();
      const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
      if (body.length > 0) socket.unshift(body);
      resolve();
    }

    function onData(chunk: Buffer): void {
      answer = Buffer.concat([answer, chunk]);
      const whole = answer.includes('\r\n\r\n');
      if (!whole && answer.length < MAX_ANSWER) return;
      settle(whole && answer.toString('latin1', 0, 13) === 'HTTP/1.1 101 ' ? undefined : refusal(answer));
    }

    const onEnd = () => settle(answer.length > 0 ? refusal(answer) : new Error('the server closed the connection'));
    socket.on('data', onData).on('end', onEnd).on('error', settle);
  });
}

function refusal(answer: Buffer): Error {
  const [, status, reason] = /^HTTP\/1\.[01] (\d{3}) ?([^\r\n]*)/.exec(answer.toString('latin1')) ?? [];
  if (status === undefined) return new Error('what answers is no docker daemon');
  return new Error(`it serves no BuildKit (HTTP status ${status}${reason && ` ${reason}`})`);
}
