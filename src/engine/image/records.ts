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
  const previous = await createOrReplace(c, name, descriptor, labels);
  if (previous && previous.digest !== target.digest) {
    const others = await c.images.list([`target.digest==${previous.digest}`]);
    if (others.length === 0) await createOrReplace(c, danglingName(previous.digest), previous, {});
  }
  if (!isDangling(name)) await deleteRecord(c, danglingName(target.digest));
  return { previous: previous?.digest };
}

type Target = OciDescriptor & { annotations: Record<string, string> };

async function createOrReplace(
  c: Containerd,
  name: string,
  target: Target,
  labels: Record<string, string>,
): Promise<Target | undefined> {
  for (;;) {
    try {
      await c.images.create({ name, target, labels });
      return undefined;
    } catch (error) {
      if (!isRpcError(error, Code.ALREADY_EXISTS)) throw error;
    }
    try {
      const before = await c.images.get(name);
      const paths = ['target', ...Object.keys(labels).map((key) => `labels.${key}`)];
      await c.images.update({ name, target, labels }, paths);
      return before.target as Target | undefined;
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
