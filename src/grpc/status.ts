/** The gRPC status codes, by their numbers on the wire. */
export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

const brand = Symbol.for('nerdctl.RpcError');

export interface RpcErrorOptions {
  cause?: unknown;
  /** Set when it was not the server that gave the status: the connection could not be made, or was lost. */
  transport?: 'dial' | 'lost';
  /** The server said that it did not look at the call, so that it may be sent again. */
  unprocessed?: boolean;
  statusDetails?: Uint8Array;
}

/** A call that ended with a status other than OK; `message` and `details` are the server's sentence. */
export class RpcError extends Error {
  readonly code: number;
  readonly details: string;
  readonly transport?: 'dial' | 'lost';
  readonly unprocessed: boolean;
  /** An encoded google.rpc.Status, where the server sent one (`grpc-status-details-bin`). */
  readonly statusDetails?: Uint8Array;
  readonly [brand] = true;

  constructor(code: number, details: string, options: RpcErrorOptions = {}) {
    super(details, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RpcError';
    this.code = code;
    this.details = details;
    this.transport = options.transport;
    this.unprocessed = options.unprocessed ?? false;
    this.statusDetails = options.statusDetails;
  }
}

/** Works across bundles, where `instanceof` does not. */
export function isRpcError(error: unknown, code?: number): error is RpcError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false;
  return code === undefined || (error as RpcError).code === code;
}

/** Undoes the percent-encoding of `grpc-message`; what is not a valid escape stays as it is, as gRPC demands. */
export function decodeMessage(value: string): string {
  if (!value.includes('%')) return value;
  const bytes = Buffer.from(value, 'latin1');
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const hex = bytes[at] === 0x25 ? value.slice(at + 1, at + 3) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      out[length++] = Number.parseInt(hex, 16);
      at += 2;
    } else {
      out[length++] = bytes[at]!;
    }
  }
  return out.toString('utf8', 0, length);
}

/** The percent-encoding of `grpc-message`: all but printable ASCII. */
export function encodeMessage(message: string): string {
  let out = '';
  for (const byte of Buffer.from(message)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    out += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** The status of a response that is no gRPC response (doc/http-grpc-status-mapping of the gRPC project). */
export function codeOfHttpStatus(status: string): number {
  switch (status) {
    case '400':
      return Code.INTERNAL;
    case '401':
      return Code.UNAUTHENTICATED;
    case '403':
      return Code.PERMISSION_DENIED;
    case '404':
      return Code.UNIMPLEMENTED;
    case '429':
    case '502':
    case '503':
    case '504':
      return Code.UNAVAILABLE;
    default:
      return Code.UNKNOWN;
  }
}
