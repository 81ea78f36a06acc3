import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, writeFileAtomic, writeInPlace } from '../host/files.ts';
import type { HostHelper } from '../host/helper.ts';

type Seeds = Record<string, { Seed: string }>;

/**
 * The secret by which a BuildKit knows again who fetched a token from a registry, and so may use it for a later build: in
 * `.token_seed` of docker's configuration directory, shared with buildx.
 * @param host of the registry
 * @returns 16 bytes; new ones each time where the directory cannot be written
 */
export async function tokenSeed(dir: string, host: string, { lock }: Pick<HostHelper, 'lock'>): Promise<Uint8Array> {
  const known = seedOf(readSeeds(dir), host);
  if (known) return known;
  const seed = randomBytes(16);
  try {
    await ensureDir(dir, 0o700);
    const lockFile = join(dir, '.token_seed.lock');
    await writeInPlace(lockFile, '', 0o600);
    const held = await lock(lockFile);
    try {
      const seeds = readSeeds(dir);
      const meanwhile = seedOf(seeds, host);
      if (meanwhile) return meanwhile;
      const all = { ...seeds, [host]: { Seed: seed.toString('base64') } };
      await writeFileAtomic(join(dir, '.token_seed'), JSON.stringify(all, undefined, 2), 0o600);
    } finally {
      await held.release();
    }
  } catch {
    // Without it tokens are fetched once more.
  }
  return seed;
}

function seedOf(seeds: Seeds, host: string): Uint8Array | undefined {
  const text = Object.hasOwn(seeds, host) ? seeds[host]?.Seed : undefined;
  return text ? Buffer.from(text, 'base64') : undefined;
}

function readSeeds(dir: string): Seeds {
  try {
    const seeds: unknown = JSON.parse(readFileSync(join(dir, '.token_seed'), 'utf8'));
    return typeof seeds === 'object' && seeds !== null ? (seeds as Seeds) : {};
  } catch {
    return {};
  }
}
