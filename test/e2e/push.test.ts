import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dockerArchive, hostArchitecture } from '../harness/archive.ts';
import { openBox, temporaryDir } from '../harness/box.ts';
import { lacksRegistry, type Registry, startRegistry } from '../harness/registry.ts';

const box = openBox(import.meta.url);
const skip = lacksRegistry(box.lane.registry);
const own = hostArchitecture();
const foreign = own === 'amd64' ? 'arm64' : 'amd64';
let plain: Registry;
let closed: Registry;

before(async () => {
  if (!box.lane.registry) return;
  plain = await startRegistry(box.lane.registry, join(box.dir, 'plain'));
  closed = await startRegistry(box.lane.registry, join(box.dir, 'closed'), { auth: 'htpasswd' });
});
after(() => Promise.all([plain?.stop(), closed?.stop()]));

const manifestTypes = ['index.v1+json', 'manifest.v1+json'].map((type) => `application/vnd.oci.image.${type}`);
const accept = [...manifestTypes, 'application/vnd.docker.distribution.manifest.v2+json'].join(', ');

async function manifest(name: string, tag: string): Promise<{ type: string; digest: string; body: string }> {
  const response = await fetch(`http://${plain.host}/v2/${name}/manifests/${tag}`, { headers: { accept } });
  assert.equal(response.status, 200, `${name}:${tag}`);
  const digest = response.headers.get('docker-content-digest') ?? '';
  return { type: response.headers.get('content-type') ?? '', digest, body: await response.text() };
}

const targetOf = async (name: string): Promise<string> => {
  const line = (await box.ctr(['images', 'ls', `name==${name}`])).split('\n')[1] ?? '';
  return line.split(/\s+/)[2] ?? '';
};

test('push and pull back: the same image, its layers sent once', { skip }, async () => {
  const name = `${plain.host}/team/web`;
  await box.ok(['tag', 'web', name]);
  const id = await box.ok(['images', '-q', '--no-trunc', 'web']);
  const target = await targetOf(`${name}:latest`);
  const first = (await box.ok(['push', name])).split('\n');
  assert.deepEqual(first.slice(0, 2), ['Using default tag: latest', `The push refers to repository [${name}]`]);
  assert.equal(first.filter((line) => /^[0-9a-f]{12}: Pushed$/.test(line)).length, 2, first.join('\n'));
  assert.match(first.at(-1)!, new RegExp(`^latest: digest: ${target} size: \\d+$`));
  assert.equal((await manifest('team/web', 'latest')).digest, target);
  assert.equal(
    await box.ok(['images', '--digests', '--format', '{{.Repository}} {{.Digest}}', name]),
    `${name} ${target}`,
  );
  const second = await box.ok(['push', `${name}:latest`]);
  assert.equal(second.match(/: Layer already exists$/gm)?.length, 2, second);
  assert.equal(await box.ok(['push', '-q', name]), `${name}:latest`);

  // `full` shares the first layer with it.
  const other = `${plain.host}/other/full`;
  await box.ok(['tag', 'full', other]);
  assert.match(await box.ok(['push', other]), /^[0-9a-f]{12}: Mounted from team\/web$/m);

  await box.ok(['rmi', '-f', name, 'web']);
  await box.ok(['pull', '-q', name]);
  assert.equal(await box.ok(['images', '-q', '--no-trunc', name]), id);
  await box.ok(['tag', name, 'web']);
});

test('--all-tags pushes each tag, and nothing else of the repository', { skip }, async () => {
  const name = `${plain.host}/tags`;
  for (const tag of ['v1', 'v2']) await box.ok(['tag', 'bb', `${name}:${tag}`]);
  await box.ok(['tag', 'web', `${name}:v3`]);
  const out = await box.ok(['push', '-a', name]);
  assert.deepEqual(
    out.match(/^v\d: digest: sha256:/gm),
    ['v1', 'v2', 'v3'].map((tag) => `${tag}: digest: sha256:`),
  );
  await box.fails(['push', '-a', `${name}:v1`], 1, /^tag can't be used with --all-tags\/-a$/m);
  await box.fails(
    ['push', '-a', `${plain.host}/none`],
    1,
    /^An image does not exist locally with the tag: \S+\/none$/m,
  );
});

test('an index keeps its digest where all of it is here, and is reduced to what is', { skip }, async () => {
  const layers = [[{ path: 'arch', body: foreign }]];
  const archive = await dockerArchive([{ name: `${plain.host}/parts:${foreign}`, layers, architecture: foreign }]);
  await box.ok(['load'], { input: archive });
  await box.ok(['tag', 'bb', `${plain.host}/parts:${own}`]);
  await box.ok(['push', '-a', `${plain.host}/parts`]);
  const entries = await Promise.all(
    [own, foreign].map(async (architecture) => {
      const { type, digest, body } = await manifest('parts', architecture);
      return { mediaType: type, digest, size: body.length, platform: { os: 'linux', architecture } };
    }),
  );
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  // As another tool wrote it: blanks and all.
  const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries }, undefined, 3);
  const put = { method: 'PUT', body: index, headers: { 'content-type': mediaType } };
  assert.equal((await fetch(`http://${plain.host}/v2/parts/manifests/multi`, put)).status, 201);

  await box.ok(['rmi', `${plain.host}/parts:${foreign}`]);
  await box.ok(['pull', '-q', `${plain.host}/parts:multi`]);
  await box.ok(['tag', `${plain.host}/parts:multi`, `${plain.host}/part:multi`]);
  const reduced = await box.ok(['push', `${plain.host}/part:multi`]);
  const single = await manifest('part', 'multi');
  assert.equal(single.digest, entries[0]!.digest);
  assert.match(reduced, /Not all multiplatform-content is present and only the available single-platform image was pu/);
  await box.fails(
    ['push', '--all-platforms', `${plain.host}/part:multi`],
    1,
    new RegExp(`no content for linux/${foreign}`),
  );
  await box.fails(
    ['push', '--platform', `linux/${foreign}`, `${plain.host}/part:multi`],
    1,
    /does not provide the specified platform/,
  );

  await box.ok(['pull', '-q', '--all-platforms', `${plain.host}/parts:multi`]);
  await box.ok(['tag', `${plain.host}/parts:multi`, `${plain.host}/whole:multi`]);
  await box.ok(['push', `${plain.host}/whole:multi`]);
  assert.equal((await manifest('whole', 'multi')).body, index);
  await box.ok(['push', '--platform', `linux/${foreign}`, `${plain.host}/whole:multi`]);
  assert.equal((await manifest('whole', 'multi')).digest, entries[1]!.digest);
});

test('a registry with users: denied before login, pushed after it', { skip }, async () => {
  const name = `${closed.host}/bb`;
  const env = { DOCKER_CONFIG: temporaryDir(box) };
  await box.ok(['tag', 'bb', name]);
  await box.fails(['push', name], 1, /^unauthorized: authentication required$/m, { env });
  const auth = Buffer.from('testuser:testpass').toString('base64');
  const given = { ...env, DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [closed.host]: { auth } } }) };
  await box.ok(['push', name], { env: given });
  await box.ok(['login', '-u', 'testuser', '--password-stdin', closed.host], { env, input: 'testpass' });
  assert.match(await box.ok(['push', name], { env }), /^latest: digest: sha256:/m);
  writeFileSync(join(env.DOCKER_CONFIG, 'config.json'), '{"credsStore":"gone"}');
  await box.fails(['push', name], 1, /^error getting credentials - err: exec: "docker-credential-gone"/m, { env });
  // The registry's own log has names of users, and no more of them.
  assert.doesNotMatch(readFileSync(join(box.dir, 'closed/log'), 'utf8'), /testpass/);
});

test('the push of a terminal repaints its lines', { skip }, async () => {
  const name = `${plain.host}/terminal`;
  await box.ok(['tag', 'full', name]);
  const terminal = box.terminal(['push', name], { columns: 120 });
  await terminal.shows(/latest: digest: sha256:[0-9a-f]{64} size: \d+/);
  assert.equal((await terminal.ended).code, 0);
  assert.ok(terminal.screen().includes('\x1b[2K'));
});

test('what cannot be pushed is said in docker’s words', async () => {
  const table: [args: string[], sentence: RegExp][] = [
    [['localhost:1/none'], /^An image does not exist locally with the tag: localhost:1\/none$/m],
    [['Bad'], /^invalid reference format: repository name \(library\/Bad\) must be lowercase$/m],
    [[`bb@sha256:${'0'.repeat(64)}`], /cannot push a digest reference/],
    [['--sign=cosign', 'bb'], /--sign is not supported/],
    [['--estargz', 'bb'], /--estargz is not supported/],
    [['ipfs://bb'], /images on IPFS are not supported/],
  ];
  for (const [args, sentence] of table) await box.fails(['push', ...args], 1, sentence);
  await box.ok(['tag', 'bb', 'localhost:1/bb']);
  await box.fails(['push', 'localhost:1/bb'], 1, /^cannot reach registry https:\/\/localhost:1: connection refused$/m);
});
