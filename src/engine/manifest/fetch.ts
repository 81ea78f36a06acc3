import { DockerError } from '../../docker/errors.ts';
import {
  isIndexType,
  isManifestType,
  maxDocumentBytes,
  mediaType,
  type OciDescriptor,
  type OciIndex,
  type OciPlatform,
  parseImage,
  parseIndex,
  parseJson,
  parseManifest,
} from '../../docker/oci.ts';
import { formatReference, type Reference } from '../../docker/reference.ts';
import { type FetchedManifest, openRepository, type RegistryOptions, type Repository } from '../../registry/client.ts';
import { entryText, isRegistryError } from '../../registry/errors.ts';
import { sha256 } from '../image/content.ts';
import type { ImageManifest } from './store.ts';

/** Runs `work` with the registry's repository. @throws DockerError in docker's words */
export async function withRemote<T>(
  options: RegistryOptions,
  reference: Reference,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  const repository = openRepository(reference, options);
  try {
    return await work(repository);
  } catch (error) {
    options.signal.throwIfAborted();
    throw manifestError(error, reference);
  } finally {
    repository.close();
  }
}

/** What docker's client, which asks the registry itself, says. */
function manifestError(error: unknown, reference: Reference): unknown {
  if (!isRegistryError(error)) return error;
  const cause = { cause: error };
  if (error.status === 404) return new Error(`no such manifest: ${formatReference(reference)}`, cause);
  const [entry] = error.entries;
  return new Error(entry ? entryText(entry) : error.message, cause);
}

/** The manifest of one platform, with the platform that its config says. @throws when the name means a list */
export async function fetchImageManifest(options: RegistryOptions, reference: Reference): Promise<ImageManifest> {
  return withRemote(options, reference, async (repository) => {
    const fetched = await repository.manifest(reference.digest ?? reference.tag ?? '');
    if (isIndexType(fetched.desc.mediaType)) throw new Error(`${formatReference(reference)} is a manifest list`);
    return imageManifest(repository, fetched, formatReference(reference));
  });
}

/** @param whole also reads the manifests of a list */
export async function fetchRemote(
  options: RegistryOptions,
  reference: Reference,
  whole: boolean,
): Promise<{ image: ImageManifest } | { index: OciIndex; manifests: ImageManifest[] }> {
  return withRemote(options, reference, async (repository) => {
    const fetched = await repository.manifest(reference.digest ?? reference.tag ?? '');
    const name = formatReference(reference);
    if (!isIndexType(fetched.desc.mediaType)) return { image: await imageManifest(repository, fetched, name) };
    const index = parseIndex(fetched.bytes, name);
    const manifests = index.manifests.map(async (desc): Promise<ImageManifest> => {
      const child = await repository.manifest(desc.digest);
      const ref = formatReference({ ...reference, digest: desc.digest });
      return described(child, ref, desc.platform && orderedPlatform(desc.platform));
    });
    return { index, manifests: whole ? await Promise.all(manifests) : [] };
  });
}

async function imageManifest(repository: Repository, fetched: FetchedManifest, ref: string): Promise<ImageManifest> {
  if (!isManifestType(fetched.desc.mediaType)) {
    throw new DockerError('invalid', `unsupported manifest format: ${fetched.desc.mediaType}`);
  }
  const { config } = parseManifest(fetched.bytes, ref);
  const image = parseImage(await readBlob(repository, config), `the image config of ${ref}`);
  const platform = image.os === '' && image.architecture === '' ? undefined : orderedPlatform(image);
  return described(fetched, ref, platform);
}

/** The fields in the order of docker's files. */
function described({ desc, bytes }: FetchedManifest, ref: string, platform?: OciPlatform): ImageManifest {
  const key = desc.mediaType === mediaType.ociManifest ? 'OCIManifest' : 'SchemaV2Manifest';
  return {
    Ref: ref,
    Descriptor: { mediaType: desc.mediaType, digest: desc.digest, size: desc.size, ...(platform && { platform }) },
    Raw: Buffer.from(bytes).toString('base64'),
    [key]: parseJson(bytes, ref),
  };
}

export function orderedPlatform(platform: Partial<OciPlatform>): OciPlatform {
  const { architecture = '', os = '', variant } = platform;
  return {
    architecture,
    os,
    ...(platform['os.version'] && { 'os.version': platform['os.version'] }),
    ...(platform['os.features']?.length && { 'os.features': platform['os.features'] }),
    ...(variant && { variant }),
  };
}

async function readBlob(repository: Repository, desc: OciDescriptor): Promise<Uint8Array> {
  if (desc.size > maxDocumentBytes) throw new DockerError('invalid', `the config ${desc.digest} is too large`);
  const { stream } = await repository.blob(desc.digest, 0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > desc.size) break;
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (size !== desc.size || sha256(bytes) !== desc.digest) {
    throw new DockerError('invalid', `the registry sent something else than the config ${desc.digest}`);
  }
  return bytes;
}
