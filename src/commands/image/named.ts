import { StatusError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { parseReference, type Reference } from '../../docker/reference.ts';

/** An argument that docker's client parses, not its daemon: the error comes without the daemon's name. */
export function namedReference(name: string): Reference {
  try {
    return parseReference(name);
  } catch (error) {
    if (isDockerError(error)) throw new StatusError(1, error.message, { cause: error });
    throw error;
  }
}
