import { DockerError } from '../docker/errors.ts';

const brand = Symbol.for('nerdctl.RegistryError');

/** An entry of the `errors` list of a registry's answer (OCI distribution-spec, "Error Codes"). */
export interface RegistryErrorEntry {
  code: string;
  message: string;
}

/** An answer that is no success, or no answer. The message holds no credentials and no query. */
export class RegistryError extends Error {
  /** 0 when there was no usable answer. */
  readonly status: number;
  readonly entries: readonly RegistryErrorEntry[];
  /** Milliseconds that the registry asked to wait. */
  readonly retryAfter: number | undefined;
  /** The registry asked for a Bearer token of a wider scope. */
  readonly insufficientScope: boolean;
  /** Trying again may help. */
  readonly temporary: boolean;
  readonly [brand] = true;

  constructor(
    message: string,
    fields: {
      status?: number;
      entries?: readonly RegistryErrorEntry[];
      retryAfter?: number;
      insufficientScope?: boolean;
      temporary?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'RegistryError';
    this.status = fields.status ?? 0;
    this.entries = fields.entries ?? [];
    this.retryAfter = fields.retryAfter;
    this.insufficientScope = fields.insufficientScope ?? false;
    this.temporary = fields.temporary ?? (this.status === 0 || this.status === 429 || this.status >= 500);
  }
}

/** Works across bundles, where `instanceof` does not. */
export function isRegistryError(error: unknown): error is RegistryError {
  return typeof error === 'object' && error !== null && brand in error;
}

/** `MANIFEST_UNKNOWN`, `manifest unknown` as docker prints it: `manifest unknown: manifest unknown`. */
export function entryText({ code, message }: RegistryErrorEntry): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return message === '' ? words : `${words}: ${message}`;
}

const standardMessages: Record<string, string> = {
  DENIED: 'requested access to the resource is denied',
  UNAUTHORIZED: 'authentication required',
  MANIFEST_UNKNOWN: 'manifest unknown',
  NAME_UNKNOWN: 'repository name not known to registry',
};

/**
 * What docker prints for an answer to a pull.
 * @param names `repository` and `image` as the user would type them: `busybox`, `busybox:latest`
 */
export function pullError(error: unknown, names: { repository: string; image: string }): unknown {
  if (!isRegistryError(error)) return error;
  const entry = error.entries[0] ?? impliedEntry(error);
  const cause = { cause: error };
  if (!entry) return new DockerError(error.status === 0 ? 'unavailable' : 'system', error.message, cause);
  const text = entryText({ code: entry.code, message: entry.message || (standardMessages[entry.code] ?? '') });
  if (error.insufficientScope || entry.code === 'DENIED' || entry.code === 'UNAUTHORIZED') {
    const denied = error.insufficientScope ? entryText({ code: 'DENIED', message: standardMessages.DENIED! }) : text;
    const sentence = `pull access denied for ${names.repository}, repository does not exist or may require 'docker login'`;
    return new DockerError('denied', `${sentence}: ${denied}`, cause);
  }
  if (entry.code === 'MANIFEST_UNKNOWN' || entry.code === 'NOT_FOUND') {
    return new DockerError('not-found', `manifest for ${names.image} not found: ${text}`, cause);
  }
  if (entry.code === 'NAME_UNKNOWN') {
    return new DockerError('not-found', `repository ${names.repository} not found: ${text}`, cause);
  }
  return new DockerError('system', text, cause);
}

/** For answers without a body that says why, as to HEAD. */
function impliedEntry(error: RegistryError): RegistryErrorEntry | undefined {
  if (error.status === 401) return { code: 'UNAUTHORIZED', message: '' };
  if (error.status === 403) return { code: 'DENIED', message: '' };
  if (error.status === 404) return { code: 'MANIFEST_UNKNOWN', message: '' };
  return undefined;
}
