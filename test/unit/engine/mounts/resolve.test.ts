import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lackingPropagation } from '../../../../src/engine/mounts/bind.ts';
import { mountPointsOf } from '../../../../src/engine/mounts/labels.ts';
import { type MountRequest, resolveMounts } from '../../../../src/engine/mounts/resolve.ts';
import { createVolume } from '../../../../src/engine/volume/create.ts';
import { listVolumes } from '../../../../src/engine/volume/store.ts';
import { fakeEngine } from '../volume/fake-engine.ts';

type Host = MountRequest['hostConfig'];
const mounts = (...specs: object[]): Host => ({ Mounts: specs as Host['Mounts'] });

test("the mounts are those of docker's config.json", async (t) => {
  const engine = fakeEngine(t);
  const seed = join(engine.dir, 'seed');
  mkdirSync(seed);
  const resolved = await resolveMounts(engine, {
    hostConfig: {
      Tmpfs: { '/t': 'size=1m,exec', '/t2': '' },
      Binds: [`${seed}:/v:ro`, 'named:/n', 'anon:/b/deeper:ro'],
      Mounts: [
        { Type: 'bind', Source: seed, Target: '/b', BindOptions: { Propagation: 'private' } },
        { Type: 'tmpfs', Target: '/t3', TmpfsOptions: { SizeBytes: 1048576, Mode: 0o700 } },
      ] as Host['Mounts'],
    },
    volumes: { '/anon2': {}, '/n': {} },
  });
  const byPlace = Object.fromEntries(resolved.mounts.map((mount) => [mount.destination, mount]));
  const anonymous = resolved.anonymous[0]!;
  const data = (name: string) => join(engine.store.volumes, name, '_data');
  const expected: [string, string, string, string[]][] = [
    ['/v', 'bind', seed, ['rbind', 'ro', 'rprivate']],
    ['/n', 'bind', data('named'), ['rbind']],
    ['/b', 'bind', seed, ['rbind', 'private']],
    ['/anon2', 'bind', data(anonymous), ['rbind']],
    ['/t', 'tmpfs', 'tmpfs', ['nosuid', 'nodev', 'rprivate', 'size=1m', 'exec']],
    ['/t2', 'tmpfs', 'tmpfs', ['noexec', 'nosuid', 'nodev', 'rprivate']],
    ['/t3', 'tmpfs', 'tmpfs', ['noexec', 'nosuid', 'nodev', 'rprivate', 'mode=700', 'size=1048576']],
    ['/b/deeper', 'bind', data('anon'), ['rbind', 'ro']],
  ];
  for (const [destination, type, source, options] of expected) {
    assert.deepEqual(byPlace[destination], { destination, type, source, options });
  }
  assert.equal(resolved.mounts.length, expected.length);
  const inspect = Object.fromEntries(resolved.points.map((point) => [point.Destination, point]));
  assert.deepEqual(inspect['/n'], {
    Type: 'volume',
    Name: 'named',
    Source: data('named'),
    Destination: '/n',
    Driver: 'local',
    Mode: 'z',
    RW: true,
    Propagation: '',
  });
  assert.deepEqual([inspect['/v']?.Mode, inspect['/v']?.RW, inspect['/v']?.Propagation], ['ro', false, 'rprivate']);
  assert.ok(!('/t' in inspect) && '/t3' in inspect, 'docker shows tmpfs mounts only of --mount');
  assert.deepEqual(mountPointsOf(resolved.labels), resolved.points);
  assert.equal(resolved.labels['nerdctl/anonymous-volumes'], JSON.stringify([anonymous]));
  assert.deepEqual(resolved.copyUps.map((copy) => copy.destination).sort(), ['/anon2', '/b/deeper', '/n']);
  assert.deepEqual(engine.lockLog, ['shared volumes/default']);
  await resolved.release();
  await resolved.release();
  assert.deepEqual(engine.lockLog, ['shared volumes/default', 'release volumes/default']);
});

test('without volumes nothing is locked', async (t) => {
  const engine = fakeEngine(t);
  const missing = join(engine.dir, 'made/by/bind');
  await resolveMounts(engine, { hostConfig: { Binds: [`${missing}:/x`] }, volumes: null });
  assert.ok(existsSync(missing), 'a bind of -v makes its source');
  assert.deepEqual(engine.lockLog, []);
});

test('a file is bound on a file', async (t) => {
  const engine = fakeEngine(t);
  const file = join(engine.dir, 'zone');
  writeFileSync(file, '');
  const { mounts } = await resolveMounts(engine, {
    hostConfig: { Binds: [`${file}:/etc/localtime:ro`] },
    volumes: null,
  });
  assert.deepEqual(mounts, [
    { destination: '/etc/localtime', type: 'bind', source: file, options: ['rbind', 'ro', 'rprivate'] },
  ]);
});

test('only empty volumes without nocopy are filled from the image', async (t) => {
  const engine = fakeEngine(t);
  const { Mountpoint } = await createVolume(engine, { name: 'full' });
  writeFileSync(join(Mountpoint, 'x'), '');
  const hostConfig: Host = {
    Binds: ['full:/a', 'empty:/b', 'no:/c:nocopy'],
    ...mounts({ Type: 'volume', Source: 'never', Target: '/d', VolumeOptions: { NoCopy: true } }),
  };
  const { copyUps } = await resolveMounts(engine, { hostConfig, volumes: null });
  assert.deepEqual(
    copyUps.map((copy) => copy.volume),
    ['empty'],
  );
});

test('volumes-from brings the mounts of the other container, read-only if asked', async (t) => {
  const mounts = [
    {
      Type: 'volume',
      Name: 'v1',
      Source: '',
      Destination: '/v',
      Driver: 'local',
      Mode: 'z',
      RW: true,
      Propagation: '',
    },
    { Type: 'bind', Source: '/etc', Destination: '/e', Mode: '', RW: true, Propagation: 'rprivate' },
    { Type: 'bind', Source: '/usr', Destination: '/own', Mode: '', RW: true, Propagation: 'rprivate' },
  ];
  const engine = fakeEngine(t, [{ id: 'a'.repeat(64), mounts, labels: { 'nerdctl/name': 'donor' } }]);
  const containers = engine.containerd.containers as unknown as { list(): Promise<unknown[]> };
  Object.assign(engine.containerd.containers, { get: async () => (await containers.list())[0] });
  const resolved = await resolveMounts(engine, {
    hostConfig: { VolumesFrom: [`${'a'.repeat(64)}:ro`], Binds: ['/var:/own'] },
    volumes: { '/v': {} },
  });
  assert.deepEqual(
    resolved.mounts.map((mount) => [mount.destination, mount.options.includes('ro')]),
    [
      ['/v', true],
      ['/e', true],
      ['/own', false],
    ],
  );
  assert.equal(resolved.mounts[2]?.source, '/var');
  assert.deepEqual(resolved.anonymous, []);
  assert.deepEqual(resolved.copyUps, []);
});

test('the runtime mounts a volume that has options', async (t) => {
  const engine = fakeEngine(t);
  await createVolume(engine, { name: 'nfs', options: { type: 'nfs', o: 'addr=10.0.0.1,rw', device: ':/srv' } });
  await createVolume(engine, { name: 'dir', options: { type: 'none', o: 'bind', device: '/srv' } });
  const resolved = await resolveMounts(engine, { hostConfig: { Binds: ['nfs:/n', 'dir:/d:ro'] }, volumes: null });
  assert.deepEqual(resolved.mounts, [
    { destination: '/n', type: 'nfs', source: ':/srv', options: ['addr=10.0.0.1', 'rw'] },
    { destination: '/d', type: 'bind', source: '/srv', options: ['bind', 'ro'] },
  ]);
  assert.deepEqual(resolved.copyUps, []);
});

const recursion: [object, string[]][] = [
  [{ NonRecursive: true }, ['bind', 'ro', 'rprivate']],
  [{ ReadOnlyForceRecursive: true, Propagation: 'rprivate' }, ['rbind', 'rro', 'rprivate']],
  [{ ReadOnlyNonRecursive: true }, ['rbind', 'ro', 'rprivate']],
];
for (const [BindOptions, options] of recursion) {
  test(`bind ${JSON.stringify(BindOptions)}`, async (t) => {
    const hostConfig = mounts({ Type: 'bind', Source: '/etc', Target: '/x', ReadOnly: true, BindOptions });
    const resolved = await resolveMounts(fakeEngine(t), { hostConfig, volumes: null });
    assert.deepEqual(resolved.mounts[0]?.options, options);
  });
}

const bindFault = (text: string) => `invalid mount config for type "bind": ${text}`;
const faults: [Host, string][] = [
  [{ Binds: ['/etc:/x'], Tmpfs: { '/x': '' } }, 'Duplicate mount point: /x'],
  [{ Binds: ['/etc:/x', '/usr:/x/'] }, 'Duplicate mount point: /x'],
  [{ Binds: ['/etc:/x'], ...mounts({ Type: 'tmpfs', Target: '/x' }) }, 'Duplicate mount point: /x'],
  [{ Tmpfs: { rel: '' } }, "invalid mount path: 'rel' mount path must be absolute"],
  [{ Tmpfs: { '/': '' } }, "invalid specification: destination can't be '/'"],
  [{ Tmpfs: { '/x': 'foo' } }, 'invalid tmpfs option ["foo"]'],
  [
    mounts({ Type: 'bind', Source: '/nonexist', Target: '/x' }),
    bindFault('bind source path does not exist: /nonexist'),
  ],
  [
    mounts({ Type: 'bind', Source: 'rel', Target: '/x' }),
    bindFault("invalid mount path: 'rel' mount path must be absolute"),
  ],
  [mounts({ Type: 'bind', Target: '/x' }), bindFault('field Source must not be empty')],
  [
    mounts({ Type: 'bind', Source: '/x', Target: 'rel' }),
    bindFault("invalid mount path: 'rel' mount path must be absolute"),
  ],
  [
    mounts({ Type: 'bind', Source: '/etc', Target: '/x', BindOptions: { Propagation: 'foo' } }),
    bindFault('invalid propagation mode: foo'),
  ],
  [mounts({ Type: 'foo', Target: '/x' }), 'invalid mount config for type "foo": mount type unknown'],
  [
    mounts({ Type: 'volume', Source: 'ab', Target: '/' }),
    `invalid mount config for type "volume": invalid specification: destination can't be '/'`,
  ],
  [
    mounts({ Type: 'tmpfs', Source: 'ab', Target: '/x' }),
    'invalid mount config for type "tmpfs": field Source must not be specified',
  ],
  [
    { Binds: ['nn:/x:rslave'] },
    `invalid volume specification: 'nn:/x:rslave': invalid mount config for type "volume": field BindOptions must not be specified`,
  ],
  [
    { Binds: ['/etc:/x:nocopy'] },
    `invalid volume specification: '/etc:/x:nocopy': invalid mount config for type "bind": field VolumeOptions must not be specified`,
  ],
  [{ Binds: ['vv:/x'], VolumeDriver: 'foo' }, 'create vv: error looking up volume plugin foo: plugin "foo" not found'],
];
for (const [hostConfig, sentence] of faults) {
  test(`refuses ${JSON.stringify(hostConfig)}`, async (t) => {
    const engine = fakeEngine(t);
    const volumes = { '/image/volume': {} };
    await assert.rejects(resolveMounts(engine, { hostConfig, volumes }), { message: sentence });
    assert.deepEqual(listVolumes(engine), [], 'no nameless volume is left');
    assert.equal(engine.lockLog.length % 2, 0, 'nothing stays locked');
  });
}

const propagation: [string[], string, string | undefined][] = [
  [[], 'rshared', 'a shared mount'],
  [['master:3'], 'shared', 'a shared mount'],
  [[], 'slave', 'a shared or slave mount'],
  [['master:3'], 'rslave', undefined],
  [['shared:3'], 'rslave', undefined],
  [['shared:3', 'master:1'], 'rshared', undefined],
];
for (const [tags, wanted, lacking] of propagation) {
  test(`${wanted} from a mount that is [${tags}]`, () => {
    assert.equal(lackingPropagation({ propagation: tags }, wanted), lacking);
  });
}

test('the same bind twice is one', async (t) => {
  const { mounts } = await resolveMounts(fakeEngine(t), {
    hostConfig: { Binds: ['/etc:/x', '/etc:/x'] },
    volumes: null,
  });
  assert.equal(mounts.length, 1);
});

test('nameless volumes are announced before they are made', async (t) => {
  const engine = fakeEngine(t);
  let announced: string[] = [];
  const announce = async (names: string[]) => {
    announced = names;
    assert.deepEqual(listVolumes(engine), []);
  };
  const resolved = await resolveMounts(engine, { hostConfig: {}, volumes: { '/a': {}, '/b': {} }, announce });
  assert.deepEqual(announced, resolved.anonymous);
  assert.equal(announced.length, 2);
  const failing = async () => {
    throw new Error('disk full');
  };
  await assert.rejects(
    resolveMounts(engine, { hostConfig: {}, volumes: { '/a': {} }, announce: failing }),
    /disk full/,
  );
  assert.equal(listVolumes(engine).length, 2);
});

test('undo takes the nameless volumes away and leaves the named', async (t) => {
  const engine = fakeEngine(t);
  const resolved = await resolveMounts(engine, { hostConfig: { Binds: ['named:/n'] }, volumes: { '/a': {} } });
  assert.equal(readdirSync(engine.store.volumes).length, 2);
  await resolved.undo();
  assert.deepEqual(readdirSync(engine.store.volumes), ['named']);
});
