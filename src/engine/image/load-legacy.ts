import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DockerError } from '../../docker/errors.ts';
import { type OciHistory, parseJson } from '../../docker/oci.ts';
import { normalizeReference } from '../../docker/reference.ts';
import type { Containerd } from '../../runtime/containerd.ts';
import type { Compression, ImageArchive } from './archive.ts';
import { type ImageDraft, storeDockerImage } from './draft.ts';
import { allEnded } from './limit.ts';

/** A v1 image's JSON; only what is read here. */
interface V1Image {
  id?: string;
  parent?: string;
  created?: string;
  author?: string;
  comment?: string;
  container_config?: { Cmd?: string[] | null };
  throwaway?: boolean;
}

/** Fields of a v1 image that are not part of an image config. */
const v1Only = ['id', 'parent', 'Size', 'parent_id', 'layer_id', 'throwaway'];

/**
 * Reads what `docker save` wrote before 1.10: `repositories` names the top layer of each tag, and each layer's folder
 * holds `json` (with its parent) and `layer.tar`. The config that docker makes of it is made here byte for byte, so
 * that the image has the ID docker gives it.
 */
export async function readLegacyArchive(c: Containerd, archive: ImageArchive): Promise<ImageDraft[]> {
  const repositories = parseJson(await archive.document('repositories'), 'repositories of the archive');
  const names = new Map<string, string[]>();
  for (const [repository, tags] of Object.entries(repositories)) {
    if (typeof tags !== 'object' || tags === null) continue;
    for (const [tag, id] of Object.entries(tags)) {
      if (typeof id !== 'string') throw new DockerError('invalid', 'repositories of the archive names no layers');
      names.set(id, [...(names.get(id) ?? []), normalizeReference(`${repository}:${tag}`)]);
    }
  }
  const drafts: ImageDraft[] = [];
  for (const [id, tags] of names) {
    const image = await convert(c, archive, id);
    drafts.push({
      target: image.desc,
      manifests: [{ ...image, stored: async () => {} }],
      names: tags,
      ownManifest: true,
    });
  }
  return drafts;
}

async function convert(c: Containerd, archive: ImageArchive, top: string): ReturnType<typeof storeDockerImage> {
  const chain: { id: string; json: Record<string, unknown> & V1Image }[] = [];
  const seen = new Set<string>();
  for (let id: string | undefined = top; id !== undefined && id !== ''; ) {
    if (!/^[0-9a-f]{64}$/.test(id) || seen.has(id)) {
      throw new DockerError(
        'invalid',
        `the archive is refused: layer ${JSON.stringify(id)} is no layer ID, or its own parent`,
      );
    }
    seen.add(id);
    const json: Record<string, unknown> & V1Image = parseJson(await archive.document(`${id}/json`), `${id}/json`);
    chain.unshift({ id, json });
    id = json.parent;
  }
  const layers = await allEnded(chain.map(({ id }) => archive.blob(`${id}/layer.tar`)));
  const diffIds = await Promise.all(layers.map((layer) => diffIdOf(c, layer)));
  const config: Record<string, unknown> = { ...chain.at(-1)!.json };
  for (const key of v1Only) delete config[key];
  config.rootfs = { type: 'layers', diff_ids: diffIds };
  config.history = chain.map(({ json }) => historyOf(json));
  return storeDockerImage(c, Buffer.from(goJson(config)), layers);
}

function historyOf(json: V1Image): OciHistory {
  const createdBy = json.container_config?.Cmd?.join(' ');
  return {
    ...(json.created !== undefined && { created: json.created }),
    ...(json.author && { author: json.author }),
    ...(createdBy && { created_by: createdBy }),
    ...(json.comment && { comment: json.comment }),
    ...(json.throwaway && { empty_layer: true }),
  };
}

/** As Go's encoding/json prints a map: keys sorted, and the characters that matter to HTML escaped. */
function goJson(config: Record<string, unknown>): string {
  const sorted = Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(sorted).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function diffIdOf(c: Containerd, layer: { digest: string; compression: Compression }): Promise<string> {
  if (layer.compression === 'none') return layer.digest;
  if (layer.compression !== 'gzip') {
    throw new DockerError(
      'not-implemented',
      `layer ${layer.digest} is compressed in a way that this archive format does not know`,
    );
  }
  const hash = createHash('sha256');
  await pipeline(Readable.from(c.content.read(layer.digest)), createGunzip({ chunkSize: 64 << 10 }), hash);
  return `sha256:${hash.digest('hex')}`;
}
