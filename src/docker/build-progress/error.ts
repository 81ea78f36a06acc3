import { readErrorDetails } from './error-details.ts';
import { sourceExcerpt } from './excerpt.ts';

/** The names that Go's gRPC gives the statuses, by number. */
const codeNames = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];
const unknown = 2;

/**
 * What BuildKit's own client prints when a solve has failed: the lines of the Dockerfile, and the sentence. Without a
 * newline at its end.
 * @param details `grpc-status-details-bin`, decoded
 * @param message of the gRPC status
 * @param code of the gRPC status
 */
export function buildError(details: Uint8Array | undefined, message: string, code: number = unknown): string {
  const sources = details ? readErrorDetails(details).sources : [];
  const name = code === unknown || code === 0 ? undefined : (codeNames[code] ?? `Code(${code})`);
  const sentence = name === undefined ? message : `${name}: ${message}`;
  return `${sources.map(sourceExcerpt).join('')}ERROR: failed to build: failed to solve: ${sentence}`;
}

/** The status that a failed solve ends buildx with. */
export function buildExitCode(code: number): number {
  const name = codeNames[code];
  return name === 'Internal' ? 100 : name === 'ResourceExhausted' ? 102 : name === 'Canceled' ? 130 : 1;
}
