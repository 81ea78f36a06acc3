import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerContainer, DockerImage, DockerVolume } from '../../../../src/engine/migrate/docker-api.ts';
import { planMigration } from '../../../../src/engine/migrate/plan.ts';

const image = (Id: string, RepoTags: string[] | null, RepoDigests: string[] = []): DockerImage => ({
  Id,
  RepoTags,
  RepoDigests,
  Size: 5,
});
const volume = (Name: string, more: Partial<DockerVolume> = {}): DockerVolume => ({
  Name,
  Driver: 'local',
  Mountpoint: `/docker/${Name}`,
  Labels: null,
  Options: null,
  ...more,
});

function plan(docker: {
  images?: DockerImage[];
  volumes?: DockerVolume[];
  containers?: DockerContainer[];
  networks?: string[];
}) {
  const { images = [], volumes = [], containers = [], networks = [] } = docker;
  return planMigration(
    { images, volumes, containers, networks: networks.map((Name) => ({ Name })) },
    { images: new Map([['a:1', ['A', 'index of A']]]), volumes: new Set(['here']) },
  );
}

const images: [string, DockerImage[], ReturnType<typeof plan>['steps'], number, string[]][] = [
  ['new', [image('B', ['b:1', 'b:2'])], [{ kind: 'load', names: ['b:1', 'b:2'], size: 5 }], 0, []],
  ['here', [image('A', ['a:1'])], [], 1, []],
  ['here, as docker names it by its index', [image('index of A', ['a:1'])], [], 1, []],
  ['here under another name', [image('A', ['a:1', 'c:1'])], [{ kind: 'tag', source: 'a:1', names: ['c:1'] }], 0, []],
  ['name taken', [image('B', ['a:1'])], [], 0, ['image a:1: another image has that name here']],
  [
    'one of its names taken',
    [image('B', ['a:1', 'b:1'])],
    [{ kind: 'load', names: ['b:1'], size: 5 }],
    0,
    ['image a:1: another image has that name here'],
  ],
  ['nameless', [image('B', ['<none>:<none>']), image('C', null)], [], 0, ['2 images: they have no name']],
  ['of a digest', [image('B', [], ['b@sha256:1'])], [], 0, ['image b@sha256:1: it has no tag: pull it by its digest']],
];
for (const [title, given, steps, present, left] of images) {
  test(`images: ${title}`, () => {
    const made = plan({ images: given });
    assert.deepEqual(made.steps, steps);
    assert.equal(made.present.images, present);
    assert.deepEqual(
      made.left.map(({ what, why }) => `${what}: ${why}`),
      left,
    );
  });
}

const running: DockerContainer = { Names: ['/db'], State: 'running', Mounts: [{ Type: 'volume', Name: 'used' }] };
const nfs = volume('nfs', { Options: { type: 'nfs' } });
const volumes: [string, DockerVolume, string[], string[]][] = [
  ['named', volume('v'), ['copy'], []],
  ['here', volume('here'), [], []],
  ['elsewhere', nfs, ['create'], []],
  ['of a plugin', volume('p', { Driver: 'rexray' }), [], ['volume p: its driver is rexray']],
  ['anonymous', volume('a'.repeat(64)), [], ['1 volume: they have no name of their own']],
  [
    'marked anonymous',
    volume('v', { Labels: { 'com.docker.volume.anonymous': '' } }),
    [],
    ['1 volume: they have no name of their own'],
  ],
  ['in use', volume('used'), [], ['volume used: container db is writing to it: stop that, and run this again']],
];
for (const [title, given, kinds, left] of volumes) {
  test(`volumes: ${title}`, () => {
    const made = plan({ volumes: [given], containers: [running] });
    assert.deepEqual(
      made.steps.map(({ kind }) => kind),
      kinds,
    );
    assert.deepEqual(
      made.left.map(({ what, why }) => `${what}: ${why}`),
      [...left, '1 container (db): make them again with run'],
    );
  });
}

test('networks of the user are left, those of docker not mentioned', () => {
  assert.deepEqual(plan({ networks: ['bridge', 'host', 'none', 'mine', 'other'] }).left, [
    { what: '2 networks (mine, other)', why: 'make them again with network create' },
  ]);
});
