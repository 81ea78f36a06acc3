import { DockerError } from '../../docker/errors.ts';
import { isIndexType, type OciDescriptor, type OciIndex, parseIndex } from '../../docker/oci.ts';

export interface ReadIndex {
  desc: OciDescriptor;
  bytes: Uint8Array;
  index: OciIndex;
}

/** An index with the indexes in it, as if it were one. */
export interface WholeIndex {
  /** Those that could be read, the outermost last: registries want what an index names before the index. */
  indexes: ReadIndex[];
  /** The manifests of all of them in their order; of the platform that the index around them says, where theirs does not. */
  manifests: OciDescriptor[];
  /** Indexes that could not be read. */
  missing: OciDescriptor[];
}

/** Deeper nesting is of no use and could be endless. */
const maxDepth = 4;
/** Nor is more breadth: each of them is asked for. */
const maxIndexes = 100;

/**
 * Reads the indexes in an index.
 * @param read gives undefined for what is not there, or not wanted
 */
export async function walkIndex(
  root: { desc: OciDescriptor; bytes: Uint8Array },
  read: (desc: OciDescriptor) => Promise<Uint8Array | undefined>,
): Promise<WholeIndex> {
  const whole: WholeIndex = { indexes: [], manifests: [], missing: [] };
  const seen = new Set<string>();
  const visit = async (desc: OciDescriptor, bytes: Uint8Array, depth: number): Promise<void> => {
    const index = parseIndex(bytes, `index ${desc.digest}`);
    for (const each of index.manifests) {
      const child = each.platform || !desc.platform ? each : { ...each, platform: desc.platform };
      if (!isIndexType(child.mediaType)) {
        whole.manifests.push(child);
        continue;
      }
      if (seen.has(child.digest)) continue;
      seen.add(child.digest);
      if (seen.size > maxIndexes) {
        throw new DockerError('invalid', `index ${root.desc.digest} has more than ${maxIndexes} indexes in it`);
      }
      const nested = depth < maxDepth ? await read(child) : undefined;
      if (nested) await visit(child, nested, depth + 1);
      else whole.missing.push(child);
    }
    whole.indexes.push({ desc, bytes, index });
  };
  await visit(root.desc, root.bytes, 1);
  return whole;
}
