import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LayoutDirectory } from '../../buildkit/services/content.ts';
import { invalid } from '../../docker/errors.ts';
import type { BuildCache } from '../../docker/flags/build-cache.ts';
import { type OciDescriptor, parseIndex } from '../../docker/oci.ts';
import { errnoSentence } from '../../host/path-error.ts';

/** The caches as BuildKit gets them, and the directories that the session opens for them. */
export interface PlannedCaches {
  exports: BuildCache[];
  imports: BuildCache[];
  /** OCI layouts by the ID of their store. */
  layouts: Record<string, LayoutDirectory>;
  /** Layouts that get a new entry in their index when the build is done. */
  written: { dir: string; tag: string }[];
  /** What is said of a cache that is not there. */
  warnings: string[];
}

/** @throws DockerError `invalid`, in the words of BuildKit's client */
export function planCaches(exports: readonly BuildCache[], imports: readonly BuildCache[]): PlannedCaches {
  const plan: PlannedCaches = { exports: [...exports], imports: [], layouts: {}, written: [], warnings: [] };
  for (const { type, attrs } of exports) {
    if (type === 'registry' && !attrs.ref) throw invalid('registry cache exporter requires ref');
    if (type !== 'local') continue;
    if (!attrs.dest) throw invalid('local cache exporter requires dest');
    if (statSync(attrs.dest, { throwIfNoEntry: false })?.isDirectory() === false) {
      throw invalid(`mkdir ${attrs.dest}: not a directory`);
    }
    plan.layouts[`local:${attrs.dest}`] = { dir: resolve(attrs.dest), writable: true };
    plan.written.push({ dir: resolve(attrs.dest), tag: attrs.tag || 'latest' });
  }
  for (const cache of imports) {
    if (cache.type === 'registry' && !cache.attrs.ref) throw invalid('registry cache importer requires ref');
    if (cache.type === 'local') addLocalImport(plan, cache);
    else plan.imports.push(cache);
  }
  return plan;
}

/** A cache that does not exist yet is no error: the first build of a machine has none. */
function addLocalImport(plan: PlannedCaches, { type, attrs }: BuildCache): void {
  const { src } = attrs;
  if (!src) throw invalid('local cache importer requires src');
  let digest: string | undefined = attrs.digest;
  if (!digest) {
    const tag = attrs.tag || 'latest';
    let manifests: OciDescriptor[];
    try {
      manifests = parseIndex(readFileSync(join(src, 'index.json')), 'index.json').manifests;
    } catch (error) {
      const index = join(src, 'index.json');
      plan.warnings.push(
        `local cache import at ${src} not found due to err: could not read ${index}: open ${index}: ${errnoSentence(error)}`,
      );
      return;
    }
    digest = manifests.find(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === tag)?.digest;
  }
  if (!digest) {
    throw invalid('local cache importer requires either explicit digest, "latest" tag or custom tag on index.json');
  }
  // One directory may be read and written.
  plan.layouts[`local:${src}`] ??= { dir: resolve(src) };
  plan.imports.push({ type, attrs: { ...attrs, digest } });
}
