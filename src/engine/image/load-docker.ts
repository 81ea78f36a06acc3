import { DockerError } from '../../docker/errors.ts';
import { type OciDescriptor, parseImage } from '../../docker/oci.ts';
import { normalizeReference } from '../../docker/reference.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { ImageArchive, StoredBlob } from './archive.ts';
import { sha256 } from './content.ts';
import { type ImageDraft, storeDockerImage } from './draft.ts';
import { allEnded } from './limit.ts';

interface Entry {
  Config: string;
  RepoTags: string[] | null;
  Layers: string[];
}

/** An image that is nothing but configuration has `null` for its layers. */
type Written = Omit<Entry, 'Layers'> & { Layers: string[] | null };

/** Reads what `docker save` has written since 1.10: `manifest.json` names a config and layers for each image. */
export async function readDockerArchive(c: Containerd, archive: ImageArchive): Promise<ImageDraft[]> {
  const drafts: ImageDraft[] = [];
  for (const entry of await manifestEntries(archive)) {
    const configBytes = await archive.document(entry.Config);
    const config = parseImage(configBytes, `image config ${entry.Config}`);
    checkNamedDigest(entry.Config, configBytes);
    if (config.rootfs.diff_ids.length !== entry.Layers.length) {
      throw new DockerError(
        'invalid',
        `the archive is inconsistent: image config ${entry.Config} has ${config.rootfs.diff_ids.length} layers, manifest.json lists ${entry.Layers.length}`,
      );
    }
    const layers = await allEnded(
      entry.Layers.map((path, i) => describeLayer(archive, path, config.rootfs.diff_ids[i]!)),
    );
    const image = await storeDockerImage(c, configBytes, layers);
    const stored = async ({ digest }: OciDescriptor): Promise<void> => {
      const i = layers.findIndex((layer) => layer.digest === digest);
      await archive.blob(entry.Layers[i]!, digest);
    };
    const names = (entry.RepoTags ?? []).map(normalizeReference);
    drafts.push({ target: image.desc, manifests: [{ ...image, stored }], names, ownManifest: true });
  }
  return drafts;
}

/** A plain layer's digest is in the config; that of a compressed one is known once it is stored. */
async function describeLayer(archive: ImageArchive, path: string, diffId: string): Promise<StoredBlob> {
  const { size, compression } = await archive.look(path);
  return compression === 'none' ? { digest: diffId, size, compression } : archive.blob(path);
}

/** The tags of `manifest.json` by config digest or path, for archives that are an OCI layout as well. */
export async function manifestEntries(archive: ImageArchive): Promise<Entry[]> {
  const what = 'manifest.json of the archive';
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(await archive.document('manifest.json')).toString());
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new DockerError('invalid', `${what} is not valid JSON`, { cause });
  }
  const strings = (list: unknown): list is string[] => Array.isArray(list) && list.every((s) => typeof s === 'string');
  const valid = (entry: unknown): entry is Written => {
    if (typeof entry !== 'object' || entry === null) return false;
    const { Config, RepoTags, Layers } = entry as Partial<Written>;
    return typeof Config === 'string' && (Layers == null || strings(Layers)) && (RepoTags == null || strings(RepoTags));
  };
  if (!Array.isArray(value) || !value.every(valid)) {
    throw new DockerError('invalid', `${what} does not describe images as docker save does`);
  }
  return value.map((entry) => ({ ...entry, Layers: entry.Layers ?? [] }));
}

/** Archives name the config by its digest; one whose name is something else proves nothing. */
function checkNamedDigest(path: string, bytes: Uint8Array): void {
  const named = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1];
  if (named === undefined) return;
  const digest = sha256(bytes);
  if (digest !== `sha256:${named}`) {
    throw new DockerError('invalid', `image config ${path} is corrupt: its content has digest ${digest}`);
  }
}
