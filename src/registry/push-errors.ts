import { DockerError } from '../docker/errors.ts';
import { entryText, isRegistryError } from './errors.ts';

/** What docker prints for an answer to a push. */
export function pushError(error: unknown): unknown {
  if (!isRegistryError(error)) return error;
  const cause = { cause: error };
  if (error.insufficientScope || (error.status === 403 && error.entries.length === 0)) {
    return new DockerError('denied', 'denied: requested access to the resource is denied', cause);
  }
  if (error.status === 401) return new DockerError('unauthorized', 'unauthorized: authentication required', cause);
  const [entry] = error.entries;
  if (entry) return new DockerError('system', entryText(entry), cause);
  return new DockerError(error.status === 0 ? 'unavailable' : 'system', error.message, cause);
}
