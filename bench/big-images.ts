import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { pack } from 'tar-stream';

/** One file in a tar: half of its bytes are random, so that gzip has about as much to do as with programs. */
async function layer(name: string, size: number): Promise<Buffer> {
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at += 64) randomBytes(32).copy(content, at);
  const tar = pack();
  tar.entry({ name }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

interface Member {
  name: string;
  layers: Buffer[];
}

/** A `docker save` archive of images that share layers. */
async function writeArchive(file: string, images: readonly Member[]): Promise<void> {
  const tar = pack();
  const done = finished(tar.pipe(createWriteStream(file)));
  const written = new Set<string>();
  const put = (name: string, data: Buffer | string) =>
    new Promise<void>((resolve, reject) => {
      if (written.has(name)) return resolve();
      written.add(name);
      tar.entry({ name }, data as Buffer, (error) => (error ? reject(error) : resolve()));
    });
  const manifest: { Config: string; RepoTags: string[]; Layers: string[] }[] = [];
  for (const { name, layers } of images) {
    const digests = layers.map(sha256);
    const config = JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      created: '2024-01-02T03:04:05Z',
      config: { Cmd: ['/bin/true'], Labels: { name } },
      rootfs: { type: 'layers', diff_ids: digests.map((digest) => `sha256:${digest}`) },
      history: digests.map(() => ({ created_by: 'bench' })),
    });
    for (const [i, digest] of digests.entries()) await put(`${digest}/layer.tar`, layers[i]!);
    await put(`${sha256(config)}.json`, config);
    const Layers = digests.map((digest) => `${digest}/layer.tar`);
    manifest.push({ Config: `${sha256(config)}.json`, RepoTags: [`${name}:latest`], Layers });
  }
  await put('manifest.json', JSON.stringify(manifest));
  tar.finalize();
  await done;
}

/** `big`: ten layers of 50 MB; `half`: its first five. */
export async function writeBigImages(file: string): Promise<void> {
  const layers: Buffer[] = [];
  for (let i = 0; i < 10; i++) layers.push(await layer(`file-${i}`, 50_000_000));
  await writeArchive(file, [
    { name: 'big', layers },
    { name: 'half', layers: layers.slice(0, 5) },
  ]);
}

/** `many-0`, `many-1` …: small ones that differ in their configuration. */
export async function writeManyImages(file: string, count: number): Promise<void> {
  const layers = [await layer('file', 10_000)];
  await writeArchive(
    file,
    Array.from({ length: count }, (_, i) => ({ name: `many-${i}`, layers })),
  );
}
