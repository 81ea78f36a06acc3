import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { invalid } from '../../docker/errors.ts';
import { isDigest, type OciDescriptor, parseIndex } from '../../docker/oci.ts';
import { quote } from '../../docker/values/go-quote.ts';
import { errnoSentence } from '../../host/path-error.ts';
import { isRemote } from './sources.ts';

export interface NamedContexts {
  attrs: Record<string, string>;
  dirs: Record<string, string>;
  layouts: Record<string, string>;
}

/**
 * The contexts of --build-context: directories, images, OCI layouts, addresses.
 * @throws DockerError `invalid`, in buildx's words
 */
export function namedContexts(contexts: Readonly<Record<string, string>>): NamedContexts {
  const result: NamedContexts = { attrs: {}, dirs: {}, layouts: {} };
  for (const [name, source] of Object.entries(contexts)) addContext(result, name, source);
  // An old frontend refuses what it does not know instead of leaving it out.
  if (Object.keys(contexts).length > 0) {
    result.attrs['frontend.caps'] = 'moby.buildkit.frontend.contexts+forward';
  }
  return result;
}

function addContext(result: NamedContexts, name: string, source: string): void {
  const key = `context:${name}`;
  // Targets are those of a bake file, with which one build is several.
  const [, target] = /^target:(.*)$/s.exec(source) ?? [];
  if (target !== undefined) throw invalid(`failed to find target ${target} for context ${name}`);
  if (isRemote(source) || source.startsWith('docker-image://')) {
    result.attrs[key] = source;
    return;
  }
  if (source.startsWith('oci-layout://')) {
    const { path, digest } = layoutReference(source);
    const id = randomBytes(16).toString('hex');
    result.layouts[id] = path;
    result.attrs[key] = `oci-layout://${id}@${digest}`;
    return;
  }
  const stat = statSync(source, { throwIfNoEntry: false });
  if (!stat) throw invalid(`failed to get build context ${name}: stat ${source}: no such file or directory`);
  if (!stat.isDirectory()) throw invalid(`failed to get build context path ${source}: not a directory`);
  // The names of the main context are taken.
  const local = name === 'context' || name === 'dockerfile' ? `_${name}` : name;
  result.dirs[local] = source;
  result.attrs[key] = `local:${local}`;
}

/** `oci-layout://PATH[:TAG][@DIGEST]`, with the digest that the layout's index has for the tag. */
function layoutReference(source: string): { path: string; digest: string } {
  const [, path = '', tag, digest] = /^oci-layout:\/\/(.+?)(?::([^:/@]+))?(?:@(.+))?$/.exec(source) ?? [];
  if (path === '') throw invalid(`invalid oci-layout reference ${quote(source)}`);
  if (digest !== undefined) {
    if (!isDigest(digest)) throw invalid(`invalid oci-layout reference ${quote(source)}: invalid digest ${digest}`);
    return { path, digest };
  }
  const found = layoutDescriptor(path, tag ?? 'latest', (reason) =>
    invalid(`oci-layout reference ${quote(source)} could not be resolved: ${reason}`),
  );
  return { path, digest: found.digest };
}

function layoutDescriptor(path: string, tag: string, fail: (reason: string) => Error): OciDescriptor {
  let manifests: OciDescriptor[];
  try {
    manifests = parseIndex(readFileSync(join(path, 'index.json')), 'index.json').manifests;
  } catch (error) {
    throw fail(`could not read ${join(path, 'index.json')}: ${errnoSentence(error)}`);
  }
  const tagged = manifests.find(({ annotations }) => {
    const name = annotations?.['org.opencontainers.image.ref.name'];
    return name === tag || name?.endsWith(`:${tag}`);
  });
  const found = tagged ?? (manifests.length === 1 ? manifests[0] : undefined);
  if (!found) throw fail('failed to resolve digest');
  return found;
}
