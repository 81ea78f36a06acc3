import { DockerError, isDockerError } from '../../docker/errors.ts';
import { normalizeReference, parseReference, type Reference } from '../../docker/reference.ts';
import type { Engine } from '../engine.ts';
import { withLease } from './lease.ts';
import { putImage } from './records.ts';
import { findRecords } from './store.ts';
import { factsLabels, storedFacts } from './summary.ts';

/** Docker's client refuses a bad one by itself. */
function parseTarget(target: string): Reference {
  try {
    return parseReference(target);
  } catch (error) {
    if (!isDockerError(error, 'invalid')) throw error;
    throw new Error(
      `Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: ${error.message}`,
    );
  }
}

/**
 * Gives an image another name; one that another image had moves.
 * @throws DockerError in docker's words
 */
export async function tagImage(engine: Engine, source: string, target: string): Promise<void> {
  const reference = parseTarget(target);
  if (reference.digest !== undefined)
    throw new DockerError('invalid', 'refusing to create a tag with a digest reference');
  // The lease keeps the content should the source's name be removed meanwhile.
  await withLease(engine.containerd, async (c) => {
    const [record] = await findRecords(c, source);
    const { snapshotter } = engine.settings;
    const facts = storedFacts(record!, snapshotter);
    const labels = facts ? factsLabels(snapshotter, { target: record!.target! }, facts) : {};
    await putImage(c, normalizeReference(target), record!.target!, labels);
  });
}
