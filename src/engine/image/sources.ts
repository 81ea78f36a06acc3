import type { Reference } from '../../docker/reference.ts';
import type { Containerd } from '../../runtime/containerd.ts';

type Place = Pick<Reference, 'domain' | 'path'>;

/** On blobs, as containerd writes it: the repositories of a registry that have them, by the registry. */
export const sourceLabel = ({ domain }: Place): string => `containerd.io/distribution.source.${domain}`;

/** The repositories of the registry that have a blob, as far as is known here. */
export async function sourcesOf(c: Containerd, digest: string, reference: Place): Promise<string[]> {
  const { labels = {} } = await c.content.info(digest);
  return (labels[sourceLabel(reference)] ?? '').split(',').filter(Boolean);
}
