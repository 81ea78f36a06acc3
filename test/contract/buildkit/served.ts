import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import type { TestContext } from 'node:test';
import { type Handler, serveConnection } from '../../../src/grpc/server.ts';
import { duplexPair } from '../grpc/duplex-pair.ts';
import { framed, http2Session, messagesOf, request } from '../grpc/http2-client.ts';

export interface Served {
  http2: ClientHttp2Session;
  /** One call, its response messages, or `{ code, message }` thrown. */
  call(path: string, message: Uint8Array | Uint8Array[], headers?: OutgoingHttpHeaders): Promise<Buffer[]>;
}

/** Services, and Node's HTTP/2 as the BuildKit that calls them. */
export function served(t: TestContext, handlers: [string, Handler][]): Served {
  const [near, far] = duplexPair();
  serveConnection(far, new Map(handlers));
  const http2 = http2Session(near);
  t.after(() => http2.destroy());
  return {
    http2,
    async call(path, message, headers) {
      const messages = message instanceof Uint8Array ? [message] : message;
      const answer = await request(http2, path, Buffer.concat(messages.map(framed)), headers);
      if (answer.status !== '0') {
        throw Object.assign(new Error(decodeURIComponent(String(answer.message))), { code: Number(answer.status) });
      }
      return messagesOf(answer.body);
    },
  };
}
