import type { Handler, ServerCall } from '../../grpc/server.ts';
import { Code, RpcError } from '../../grpc/status.ts';

interface Request<Q> {
  decode(bytes: Uint8Array): Q;
}

interface Response<R> {
  encode(message: R): { finish(): Uint8Array };
}

/** A method with one request and one response. */
export function unary<Q, R>(
  request: Request<Q>,
  response: Response<R>,
  answer: (request: Q, call: ServerCall) => R | Promise<R>,
): Handler {
  return async (call) => {
    const message = await call.read();
    if (message === undefined) throw new RpcError(Code.INVALID_ARGUMENT, 'a request without a message');
    await call.write(response.encode(await answer(request.decode(message), call)).finish());
  };
}
