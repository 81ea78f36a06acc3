import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createVolume } from '../../../../src/engine/volume/create.ts';
import { filterVolumes } from '../../../../src/engine/volume/list.ts';
import { pruneVolumes } from '../../../../src/engine/volume/prune.ts';
import { removeVolumes } from '../../../../src/engine/volume/remove.ts';
import { volumeSize } from '../../../../src/engine/volume/size.ts';
import { getVolume, listVolumes } from '../../../../src/engine/volume/store.ts';
import { fakeEngine, volumeMount } from './fake-engine.ts';

const message = (text: string) => ({ message: text });

test('a volume has the files that Go nerdctl reads', async (t) => {
  const engine = fakeEngine(t);
  const volume = await createVolume(engine, { name: 'data', labels: { a: 'b' } });
  assert.equal(volume.Mountpoint, join(engine.dir, 'volumes/default/data/_data'));
  assert.deepEqual([volume.Driver, volume.Scope, volume.Labels, volume.Options], ['local', 'local', { a: 'b' }, null]);
  assert.match(volume.CreatedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/);
  const json = readFileSync(join(engine.store.volumes, 'data/volume.json'), 'utf8');
  assert.equal(json, '{\n    "labels": {\n        "a": "b"\n    }\n}');
  assert.equal(statSync(volume.Mountpoint).mode & 0o7777, 0o755);
  assert.deepEqual(engine.lockLog, ['exclusive volumes/default', 'release volumes/default']);
});

test('creating it again finds it as it is', async (t) => {
  const engine = fakeEngine(t);
  await createVolume(engine, { name: 'data', labels: { a: 'b' } });
  assert.deepEqual((await createVolume(engine, { name: 'data', labels: { c: 'd' } })).Labels, { a: 'b' });
});

test('without a name it is anonymous', async (t) => {
  const volume = await createVolume(fakeEngine(t), {});
  assert.match(volume.Name, /^[0-9a-f]{64}$/);
  assert.deepEqual(volume.Labels, { 'nerdctl/anonymous-volumes': '' });
});

const hint =
  'includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path';
const refused: [Parameters<typeof createVolume>[1], string][] = [
  [{ name: 'a' }, 'create a: volume name is too short, names should be at least two alphanumeric characters'],
  [{ name: 'b!d' }, `create b!d: "b!d" ${hint}`],
  [{ name: '../x' }, `create ../x: "../x" ${hint}`],
  [{ name: '.hidden' }, `create .hidden: ".hidden" ${hint}`],
  [{ name: 'v2', driver: 'foo' }, 'create v2: error looking up volume plugin foo: plugin "foo" not found'],
  [{ name: 'v4', options: { foo: 'bar' } }, 'create v4: invalid option: "foo"'],
  [{ name: 'v5', options: { type: 'nfs' } }, 'create v5: missing required option: "device"'],
  [{ name: 'v6', options: { device: '/x' } }, 'create v6: missing required option: "type"'],
  [
    { name: 'v7', options: { type: 'tmpfs', device: 'tmpfs' } },
    'create v7: a tmpfs cannot be shared as a volume here: use --tmpfs or --mount type=tmpfs in each container',
  ],
];
for (const [init, sentence] of refused) {
  test(`refuses ${JSON.stringify(init)}`, async (t) => {
    const engine = fakeEngine(t);
    await assert.rejects(createVolume(engine, init), message(sentence));
    assert.deepEqual(listVolumes(engine), []);
    assert.equal(engine.lockLog.length, 2, 'the lock is released');
  });
}

test('options are kept beside, and must agree the next time', async (t) => {
  const engine = fakeEngine(t);
  const options = { type: 'none', o: 'bind', device: '/srv' };
  await createVolume(engine, { name: 'v1', options });
  assert.deepEqual(getVolume(engine, 'v1').Options, options);
  await createVolume(engine, { name: 'v1' });
  await createVolume(engine, { name: 'v1', options });
  await assert.rejects(createVolume(engine, { name: 'v1', options: { ...options, device: '/etc' } }), {
    kind: 'conflict',
  });
});

test('the list has natural order and reads what Go nerdctl wrote', async (t) => {
  const engine = fakeEngine(t);
  assert.deepEqual(listVolumes(engine), []);
  for (const name of ['v10', 'v9', 'b1']) await createVolume(engine, { name });
  mkdirSync(join(engine.store.volumes, 'v2/_data'), { recursive: true });
  writeFileSync(join(engine.store.volumes, 'stray-file'), '');
  assert.deepEqual(
    listVolumes(engine).map((volume) => volume.Name),
    ['b1', 'v2', 'v9', 'v10'],
  );
  assert.equal(getVolume(engine, 'v2').Labels, null);
});

test('what is not a volume is not found', (t) => {
  const engine = fakeEngine(t);
  for (const name of ['nope', '..', '../default', '']) {
    assert.throws(() => getVolume(engine, name), message(`get ${name}: no such volume`));
  }
});

test('a volume in use stays, and does not keep the others', async (t) => {
  const engine = fakeEngine(t, [
    { id: 'c1', mounts: [volumeMount('used')] },
    { id: 'c2', mounts: [volumeMount('used')] },
  ]);
  for (const name of ['used', 'free']) await createVolume(engine, { name });
  const removals = await removeVolumes(engine, ['nope', 'used', 'free'], { force: false });
  assert.deepEqual(
    removals.map(({ name, error }) => [name, (error as Error | undefined)?.message]),
    [
      ['nope', 'get nope: no such volume'],
      ['used', 'remove used: volume is in use - [c1, c2]'],
      ['free', undefined],
    ],
  );
  assert.ok(!existsSync(join(engine.store.volumes, 'free')));
  const forced = await removeVolumes(engine, ['nope'], { force: true });
  assert.deepEqual(forced, [{ name: 'nope' }]);
});

test('a volume of another namespace is another volume', async (t) => {
  const engine = fakeEngine(t, [{ id: 'c1', namespace: 'other', mounts: [volumeMount('same', '/else/_data')] }]);
  await createVolume(engine, { name: 'same' });
  assert.deepEqual(await removeVolumes(engine, ['same'], { force: false }), [{ name: 'same' }]);
});

test('the old label of Go nerdctl counts as use', async (t) => {
  const label = JSON.stringify([volumeMount('v1')]);
  const engine = fakeEngine(t, [{ id: 'c1', labels: { 'nerdctl/mounts': label } }]);
  await createVolume(engine, { name: 'v1' });
  const [removal] = await removeVolumes(engine, ['v1'], { force: true });
  assert.match(String(removal?.error), /volume is in use - \[c1\]/);
});

const pruning: [Record<string, string[]>, string[]][] = [
  [{}, ['anonymous']],
  [{ all: ['true'] }, ['anonymous', 'named', 'labelled']],
  [{ all: ['1'], label: ['a=b'] }, ['labelled']],
  [{ all: ['1'], 'label!': ['a'] }, ['anonymous', 'named']],
];
for (const [filters, expected] of pruning) {
  test(`prune ${JSON.stringify(filters)}`, async (t) => {
    const engine = fakeEngine(t, [{ id: 'c1', mounts: [volumeMount('used')] }]);
    const anonymous = (await createVolume(engine, {})).Name;
    await createVolume(engine, { name: 'named' });
    await createVolume(engine, { name: 'used' });
    await createVolume(engine, { name: 'labelled', labels: { a: 'b' } });
    const result = await pruneVolumes(engine, new Map(Object.entries(filters)));
    const names = result.VolumesDeleted.map((name) => (name === anonymous ? 'anonymous' : name));
    assert.deepEqual(names.sort(), [...expected].sort());
  });
}

test('prune counts what it frees, a hard link once', async (t) => {
  const engine = fakeEngine(t);
  const { Mountpoint } = await createVolume(engine, {});
  writeFileSync(join(Mountpoint, 'a'), '12345');
  const { linkSync } = await import('node:fs');
  linkSync(join(Mountpoint, 'a'), join(Mountpoint, 'b'));
  assert.equal(await volumeSize(Mountpoint), 5);
  assert.equal((await pruneVolumes(engine, new Map())).SpaceReclaimed, 5);
});

const listing: [Record<string, string[]>, string[]][] = [
  [{}, ['v1', 'v2']],
  [{ dangling: ['true'] }, ['v2']],
  [{ dangling: ['0'] }, ['v1']],
  [{ name: ['2'] }, ['v2']],
  [{ label: ['a'] }, ['v1']],
  [{ label: ['a=c'] }, []],
  [{ driver: ['foo'] }, []],
];
for (const [filters, expected] of listing) {
  test(`ls ${JSON.stringify(filters)}`, async (t) => {
    const engine = fakeEngine(t, [{ id: 'c1', mounts: [volumeMount('v1')] }]);
    await createVolume(engine, { name: 'v1', labels: { a: 'b' } });
    await createVolume(engine, { name: 'v2' });
    const volumes = await filterVolumes(engine, new Map(Object.entries(filters)));
    assert.deepEqual(
      volumes.map((volume) => volume.Name),
      expected,
    );
  });
}

test('ls refuses what it does not know', async (t) => {
  const engine = fakeEngine(t);
  await assert.rejects(filterVolumes(engine, new Map([['foo', ['x']]])), message("invalid filter 'foo'"));
  await assert.rejects(
    filterVolumes(engine, new Map([['dangling', ['foo']]])),
    message("invalid filter 'dangling=[foo]'"),
  );
});
