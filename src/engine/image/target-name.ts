import { isDockerError } from '../../docker/errors.ts';
import { formatReference, parseReference, withDefaultTag } from '../../docker/reference.ts';

/**
 * The name for a new image, fully qualified; undefined for none.
 * @throws Error as docker's client refuses it by itself
 */
export function targetName(name: string | undefined): string | undefined {
  if (!name) return undefined;
  let reference: ReturnType<typeof parseReference>;
  try {
    reference = parseReference(name);
  } catch (error) {
    throw isDockerError(error, 'invalid') ? new Error(error.message, { cause: error }) : error;
  }
  if (reference.digest !== undefined) throw new Error('refusing to create a tag with a digest reference');
  return formatReference(withDefaultTag(reference));
}
