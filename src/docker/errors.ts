/** What went wrong, in the vocabulary of moby's errdefs; front doors map it to exit codes or HTTP statuses. */
export type ErrorKind =
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'unavailable'
  | 'denied'
  | 'unauthorized'
  | 'not-implemented'
  | 'cancelled'
  | 'system';

const brand = Symbol.for('nerdctl.DockerError');

/** An error whose message is the sentence the user reads, without the `Error response from daemon: ` prefix. */
export class DockerError extends Error {
  readonly kind: ErrorKind;
  readonly [brand] = true;

  constructor(kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DockerError';
    this.kind = kind;
  }
}

/** Works across bundles, where `instanceof` does not. */
export function isDockerError(error: unknown, kind?: ErrorKind): error is DockerError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false;
  return kind === undefined || (error as DockerError).kind === kind;
}

/** What was typed cannot be done. */
export const invalid = (message: string): DockerError => new DockerError('invalid', message);
