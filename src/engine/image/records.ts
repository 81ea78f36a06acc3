import type { OciDescriptor } from '../../docker/oci.ts';
import { Code, isRpcError } from '../../grpc/status.ts';
import type { Containerd } from '../../runtime/containerd.ts';

/** The name of an image that lost its last one; Go nerdctl shows such names as `<none>` as well. */
export const danglingName = (digest: string): string => `<none>@${digest}`;

/** No name that a user gave: `<none>@sha256:…`, `overlayfs@sha256:…`, `import-2024-01-02@sha256:…`, `:`. */
export function isDangling(name: string): boolean {
  if (name === ':' || name === '') return true;
  if (/^sha256:[0-9a-f]{64}$/.test(name)) return true;
  const at = name.indexOf('@sha256:');
  return at >= 0 && !name.slice(0, at).includes('/');
}

/**
 * Points a name at a target, as a root for the collector. An image that loses its last name by this stays as a
 * dangling one, as in docker.
 * @returns what the name meant before
 */
export async function putImage(
  c: Containerd,
  name: string,
  target: Pick<OciDescriptor, 'mediaType' | 'digest' | 'size'>,
  labels: Record<string, string> = {},
): Promise<{ previous: string | undefined }> {
  const descriptor = { mediaType: target.mediaType, digest: target.digest, size: target.size, annotations: {} };
  const previous = await createOrReplace(c, { name, target: descriptor, labels }, async (before) => {
    if (before.digest === target.digest) return;
    const others = await c.images.list([`target.digest==${before.digest}`]);
    // First: of what has no name, even for a moment, the collector may take the content.
    if (others.every((other) => other.name === name)) {
      await createOrReplace(c, { name: danglingName(before.digest), target: before, labels: {} });
    }
  });
  if (!isDangling(name)) await deleteRecord(c, danglingName(target.digest));
  return { previous: previous?.digest };
}

type Target = OciDescriptor & { annotations: Record<string, string> };

/** @param first what has to be done before the target that was there loses the name */
async function createOrReplace(
  c: Containerd,
  image: { name: string; target: Target; labels: Record<string, string> },
  first?: (before: Target) => Promise<void>,
): Promise<Target | undefined> {
  const paths = ['target', ...Object.keys(image.labels).map((key) => `labels.${key}`)];
  for (;;) {
    try {
      await c.images.create(image);
      return undefined;
    } catch (error) {
      if (!isRpcError(error, Code.ALREADY_EXISTS)) throw error;
    }
    try {
      const before = (await c.images.get(image.name)).target as Target | undefined;
      if (before) await first?.(before);
      await c.images.update(image, paths);
      return before;
    } catch (error) {
      // Removed in between.
      if (!isRpcError(error, Code.NOT_FOUND)) throw error;
    }
  }
}

/** @returns whether it was there */
export async function deleteRecord(c: Containerd, name: string, options: { sync?: boolean } = {}): Promise<boolean> {
  try {
    await c.images.delete(name, options);
    return true;
  } catch (error) {
    if (isRpcError(error, Code.NOT_FOUND)) return false;
    throw error;
  }
}
