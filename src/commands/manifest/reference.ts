import { StatusError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { parseReference, type Reference, withDefaultTag } from '../../docker/reference.ts';

/** docker's client reads references by itself, so that no daemon is said to have answered. */
export function manifestReference(text: string, prefix = ''): Reference {
  try {
    return withDefaultTag(parseReference(text));
  } catch (error) {
    throw isDockerError(error) ? new StatusError(1, `${prefix}${error.message}`, { cause: error }) : error;
  }
}
