import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cacheFilter } from '../../../../src/docker/flags/build-cache-filters.ts';
import { parseFilters } from '../../../../src/docker/flags/filters.ts';
import { planCaches } from '../../../../src/engine/build/caches.ts';
import { putLayoutEntry } from '../../../../src/engine/build/layout-index.ts';
import { secretSources } from '../../../../src/engine/build/session.ts';

const dir = mkdtempSync(join(tmpdir(), 'nerdctl-caches-'));
after(() => rmSync(dir, { recursive: true }));
const descriptor = (digit: string) => ({
  mediaType: 'application/vnd.oci.image.index.v1+json',
  digest: `sha256:${digit.repeat(64)}`,
  size: 2,
});
const local = (attrs: Record<string, string>) => ({ type: 'local', attrs });

test('a layout keeps one entry for each tag, and is one', async () => {
  await putLayoutEntry(dir, descriptor('1'), 'latest');
  await putLayoutEntry(dir, descriptor('2'), 'other');
  await putLayoutEntry(dir, { ...descriptor('3'), annotations: { a: 'b' } }, 'latest');
  const { manifests } = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));
  assert.deepEqual(
    manifests.map(({ digest, annotations }: { digest: string; annotations: object }) => [digest[7], annotations]),
    [
      ['2', { 'org.opencontainers.image.ref.name': 'other' }],
      ['3', { a: 'b', 'org.opencontainers.image.ref.name': 'latest' }],
    ],
  );
  assert.equal(readFileSync(join(dir, 'oci-layout'), 'utf8'), '{"imageLayoutVersion":"1.0.0"}');
});

test('a local cache is imported by the digest that its index has', () => {
  const plan = planCaches([local({ dest: dir })], [local({ src: dir }), local({ src: dir, tag: 'other' })]);
  assert.deepEqual(
    plan.imports.map(({ attrs }) => attrs.digest?.[7]),
    ['3', '2'],
  );
  assert.deepEqual(plan.layouts, { [`local:${dir}`]: { dir, writable: true } });
  assert.deepEqual(plan.written, [{ dir, tag: 'latest' }]);
  const given = planCaches([], [local({ src: '/none', digest: 'sha256:x' })]);
  assert.equal(given.imports[0]?.attrs.digest, 'sha256:x');
});

test('a cache that is not there yet is no error; one that says nothing of its place is', () => {
  const { imports, warnings } = planCaches([], [local({ src: '/none' })]);
  assert.deepEqual(imports, []);
  assert.match(warnings[0] ?? '', /^local cache import at \/none not found due to err: could not read /);
  assert.throws(() => planCaches([], [local({ src: dir, tag: 'x' })]), { message: /requires either explicit digest/ });
  assert.throws(() => planCaches([], [local({})]), { message: 'local cache importer requires src' });
  assert.throws(() => planCaches([local({})], []), { message: 'local cache exporter requires dest' });
  const registry = { type: 'registry', attrs: {} };
  assert.throws(() => planCaches([registry], []), { message: 'registry cache exporter requires ref' });
  assert.throws(() => planCaches([], [registry]), { message: 'registry cache importer requires ref' });
});

test('where secrets are', () => {
  const secrets = [{ id: 'a', file: 'f' }, { id: 'b', env: 'E' }, { id: 'SET' }, { id: 'path' }];
  assert.deepEqual(secretSources(secrets, { SET: 'x' }), {
    a: { file: 'f' },
    b: { env: 'E' },
    SET: { env: 'SET' },
    path: { file: 'path' },
  });
  assert.throws(() => secretSources([{ id: '', file: 'f' }], {}), { message: 'secret missing ID' });
});

test('filters of the cache', () => {
  const filter = (...values: string[]) => cacheFilter(parseFilters(values));
  assert.deepEqual(filter(), { keepDuration: 0, filter: [] });
  assert.deepEqual(filter('until=24h'), { keepDuration: 86_400e9, filter: [] });
  assert.deepEqual(filter('id=ab', 'type=regular', 'description~=x', 'shared!=true'), {
    keepDuration: 0,
    filter: ['id~=ab,type==regular,description~=x,shared!=true'],
  });
  assert.throws(() => filter('until=1h', 'unused-for=1h'), { message: /conflicting filters/ });
  assert.throws(() => filter('type=a', 'type=b'), { message: '"type" filter expects only one value' });
});
