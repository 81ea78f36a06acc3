import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import type { OciDescriptor } from '../../docker/oci.ts';
import { ensureDir, removeTree, writeFileAtomic } from '../../host/files.ts';

/** A manifest of one platform in a local list, in the form of docker's own files, which `manifest inspect -v` shows. */
export interface ImageManifest {
  /** The qualified reference it was read from. */
  Ref: string;
  Descriptor: OciDescriptor;
  /** base64 of the manifest's bytes; docker before 24 did not write it. */
  Raw?: string;
  SchemaV2Manifest?: Record<string, unknown>;
  OCIManifest?: Record<string, unknown>;
}

/** The lists that `manifest create` has begun, shared with docker: a directory for each, a file for each manifest. */
export interface ManifestStore {
  /** @returns undefined when the list does not hold it */
  get(list: string, ref: string): ImageManifest | undefined;
  /** In the order of the files' names, which is docker's; undefined when there is no such list. */
  list(list: string): ImageManifest[] | undefined;
  save(list: string, manifest: ImageManifest): Promise<void>;
  remove(list: string): Promise<void>;
}

/** @param dockerConfig the directory of docker's config.json */
export function manifestStore(dockerConfig: string): ManifestStore {
  const dirOf = (list: string): string => join(dockerConfig, 'manifests', fileName(list));

  function files(list: string): string[] | undefined {
    try {
      return readdirSync(dirOf(list)).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  return {
    get: (list, ref) => readManifest(join(dirOf(list), fileName(ref))),
    list: (list) => files(list)?.flatMap((name) => readManifest(join(dirOf(list), name)) ?? []),
    async save(list, manifest) {
      await ensureDir(dirOf(list));
      await writeFileAtomic(join(dirOf(list), fileName(manifest.Ref)), JSON.stringify(manifest), 0o644);
    },
    remove: (list) => removeTree(dirOf(list)),
  };
}

/** docker's: slashes cannot be in a file's name, and colons not on every system. */
const fileName = (ref: string): string => ref.replaceAll(':', '-').replaceAll('/', '_');

function readManifest(path: string): ImageManifest | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  let manifest: Partial<ImageManifest> | null;
  try {
    manifest = JSON.parse(text) as Partial<ImageManifest> | null;
  } catch (cause) {
    throw new DockerError('invalid', `${path} is not valid JSON`, { cause });
  }
  if (typeof manifest?.Ref !== 'string' || typeof manifest.Descriptor?.digest !== 'string') {
    throw new DockerError('invalid', `${path} is no manifest of a local manifest list`);
  }
  return manifest as ImageManifest;
}
