import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tokenSeed } from '../../../src/registry/token-seed.ts';

const top = mkdtempSync(join(tmpdir(), 'nerdctl-seed-'));
after(() => rmSync(top, { recursive: true }));
const unlocked = { lock: async () => ({ release: async () => {} }) };

test('a registry has one seed, kept where buildx keeps it', async () => {
  const dir = join(top, 'docker');
  const seed = await tokenSeed(dir, 'one.example', unlocked);
  assert.equal(seed.length, 16);
  const other = await tokenSeed(dir, 'two.example', unlocked);
  assert.notDeepEqual(other, seed);
  assert.deepEqual(await tokenSeed(dir, 'one.example', unlocked), seed);
  const kept = JSON.parse(readFileSync(join(dir, '.token_seed'), 'utf8'));
  assert.deepEqual(kept, {
    'one.example': { Seed: Buffer.from(seed).toString('base64') },
    'two.example': { Seed: Buffer.from(other).toString('base64') },
  });
  assert.equal(statSync(join(dir, '.token_seed')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dir).sort(), ['.token_seed', '.token_seed.lock']);
});

test('without a directory, a lock or sense in the file there is one all the same', async () => {
  const file = join(top, 'file');
  writeFileSync(file, '');
  assert.equal((await tokenSeed(join(file, 'below'), 'x', unlocked)).length, 16);
  const broken = { lock: () => Promise.reject(new Error('no locks')) };
  assert.equal((await tokenSeed(join(top, 'unlocked'), 'x', broken)).length, 16);
  const dir = mkdtempSync(join(top, 'cut-'));
  writeFileSync(join(dir, '.token_seed'), '{"x":');
  assert.deepEqual(await tokenSeed(dir, 'x', unlocked), await tokenSeed(dir, 'x', unlocked));
});
