import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { imageView } from './image-view.ts';
import { directoryLines, type Member, tarMembers } from './listing.ts';

/** What one program left in its directory of results, by name. */
export async function results(dir: string): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const name of readdirSync(dir).sort()) seen[name] = await result(join(dir, name));
  return seen;
}

async function result(path: string): Promise<unknown> {
  if (statSync(path).isDirectory()) {
    return existsSync(join(path, 'index.json')) ? imageView(layoutFiles(path)) : directoryLines(path);
  }
  if (path.endsWith('.tar')) {
    const members = await tarMembers(readFileSync(path));
    const isImage = members.some(({ name }) => name === 'index.json' || name === 'manifest.json');
    return isImage ? imageView(members) : members.map(({ line }) => line);
  }
  return path.endsWith('.json') ? metadata(path) : digests(readFileSync(path, 'utf8'));
}

export const digests = (text: string) => text.replaceAll(/\b(sha256:)?[0-9a-f]{64}\b/g, 'DIGEST');

function layoutFiles(dir: string): Member[] {
  const blobs = join(dir, 'blobs/sha256');
  const names = readdirSync(blobs).map((name) => `blobs/sha256/${name}`);
  return ['index.json', ...names].map((name) => ({ name, line: '', data: readFileSync(join(dir, name)) }));
}

/** The keys of --metadata-file. */
function metadata(path: string): unknown {
  const values = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  return Object.entries(values).map(([key, value]) => {
    if (key === 'buildx.build.ref') return [key, String(value).split('/').length];
    return [key, typeof value === 'string' ? digests(value) : Object.keys(value as object)];
  });
}
