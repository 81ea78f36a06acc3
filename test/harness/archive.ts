import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

/** One path of a layer: a directory when `body` and `link` are missing. */
export interface Entry {
  path: string;
  body?: string | Buffer;
  /** Target of a symbolic link, or of a hard link with `hard`. */
  link?: string;
  hard?: boolean;
  mode?: number;
  uid?: number;
  gid?: number;
}

export interface ImageSpec {
  name: string;
  layers: Entry[][];
  config?: Record<string, unknown>;
  gzip?: boolean;
  architecture?: string;
}

/** A tar of the entries with times at the epoch: the same input gives the same digest. */
export async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const stream = pack();
  for (const e of entries) {
    const type = e.link !== undefined ? (e.hard ? 'link' : 'symlink') : e.body !== undefined ? 'file' : 'directory';
    const header: Partial<Header> & { name: string } = {
      name: e.path,
      type,
      mode: e.mode ?? (type === 'file' ? 0o644 : 0o755),
      uid: e.uid ?? 0,
      gid: e.gid ?? 0,
      mtime: new Date(0),
    };
    if (e.link !== undefined) header.linkname = e.link;
    stream.entry(header, e.body ?? Buffer.alloc(0));
  }
  stream.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

export function hostArchitecture(): string {
  return ({ x64: 'amd64', arm64: 'arm64' } as Record<string, string>)[process.arch] ?? process.arch;
}

/** The files of a docker archive (what `docker save` writes), so that a test can spoil one before packing them. */
export async function dockerArchiveFiles(images: readonly ImageSpec[]): Promise<Entry[]> {
  const files = new Map<string, Entry>();
  const manifest: unknown[] = [];
  for (const image of images) {
    const diffIds: string[] = [];
    const layers: string[] = [];
    for (const entries of image.layers) {
      const plain = await tar(entries);
      const diffId = sha256(plain);
      const path = `${diffId}/layer.tar`;
      diffIds.push(`sha256:${diffId}`);
      layers.push(path);
      files.set(path, { path, body: image.gzip ? gzipSync(plain) : plain });
    }
    const config = JSON.stringify({
      architecture: image.architecture ?? hostArchitecture(),
      os: 'linux',
      created: '2024-01-02T03:04:05Z',
      config: image.config ?? {},
      rootfs: { type: 'layers', diff_ids: diffIds },
      history: diffIds.map((_, i) => ({ created: '2024-01-02T03:04:05Z', created_by: `layer ${i + 1}` })),
    });
    const configPath = `${sha256(config)}.json`;
    files.set(configPath, { path: configPath, body: config });
    manifest.push({ Config: configPath, RepoTags: [image.name], Layers: layers });
  }
  return [...files.values(), { path: 'manifest.json', body: JSON.stringify(manifest) }];
}

export async function dockerArchive(images: readonly ImageSpec[]): Promise<Buffer> {
  return tar(await dockerArchiveFiles(images));
}
