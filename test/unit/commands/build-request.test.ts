import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlags } from '../../../src/cli/parse.ts';
import { buildFlags } from '../../../src/commands/builder/build-flags.ts';
import { type BuildFlags, buildRequest } from '../../../src/commands/builder/build-request.ts';
import { metadataJson } from '../../../src/commands/builder/metadata.ts';
import { passOverFlags } from '../../../src/commands/builder/unused-flags.ts';

/** The flags as the program parses them. */
function flagsOf(line: readonly string[]): BuildFlags {
  const parsed = parseFlags(buildFlags, line, true);
  const empty = {
    bool: false,
    string: '',
    bytes: 0,
    int: 0,
    uint: 0,
    float: 0,
    duration: 0,
    array: [],
    slice: [],
    alias: '',
  };
  const values = Object.entries(buildFlags).map(([name, spec]) => [
    name,
    parsed.values.get(name) ?? ('default' in spec ? spec.default : undefined) ?? empty[spec.type],
  ]);
  return { ...Object.fromEntries(values), changed: new Set(parsed.values.keys()) } as BuildFlags;
}

const request = (line: readonly string[], env: Record<string, string> = {}) =>
  buildRequest({ env }, '.', flagsOf(line));

test('tags are names that containerd knows, each once', () => {
  const { tags } = request(['-t', 'app', '-t', 'docker.io/library/app:latest', '-t', 'example.com/x:1']);
  assert.deepEqual(tags, ['docker.io/library/app:latest', 'example.com/x:1']);
});

test('platforms: lists, spellings, the default of the environment', () => {
  assert.deepEqual(request(['--platform', 'linux/x86_64,arm64', '--platform=linux/arm']).platforms, [
    'linux/amd64',
    'linux/arm64',
    'linux/arm/v7',
  ]);
  assert.deepEqual(request([], { DOCKER_DEFAULT_PLATFORM: 'linux/s390x' }).platforms, ['linux/s390x']);
  assert.equal(request(['--platform', 'local']).platforms.length, 1);
  assert.deepEqual(request([]).platforms, []);
});

test('SOURCE_DATE_EPOCH of the environment is an argument, unless it is given', () => {
  assert.deepEqual(request([], { SOURCE_DATE_EPOCH: '1' }).buildArgs, { SOURCE_DATE_EPOCH: '1' });
  const given = request(['--build-arg', 'SOURCE_DATE_EPOCH=2'], { SOURCE_DATE_EPOCH: '1' });
  assert.deepEqual(given.buildArgs, { SOURCE_DATE_EPOCH: '2' });
});

test('--check, --call', () => {
  assert.equal(request(['--check']).call?.name, 'lint');
  assert.equal(request(['--call=outline', '--check']).call?.name, 'lint');
  assert.equal(request(['--check', '--call', 'outline']).call?.name, 'outline');
  assert.equal(request(['--call', 'outline', '--check=false']).call?.name, 'outline');
  assert.equal(request(['--call', 'outline']).call?.name, 'outline');
  assert.equal(request([]).call, undefined);
});

for (const [line, message] of [
  ['-o type=tar --iidfile x', 'ERROR: local and tar exporters are incompatible with image ID file'],
  ['-t Big', 'ERROR: failed to build: invalid tag "Big": repository name must be lowercase'],
] as const)
  test(`refused: ${line}`, () => {
    assert.throws(() => request(line.split(' ')), { message });
  });

/** What is said of flags. */
function saidOf(line: string): string {
  const said: string[] = [];
  const stderr = { write: (text: string) => said.push(text) > 0 };
  passOverFlags({ stderr } as unknown as Parameters<typeof passOverFlags>[0], flagsOf(line.split(' ')));
  return said.join('');
}

for (const line of ['--policy x', '--source-policy-file x', '--resource x', '--builder other'])
  test(`never left out of account: ${line}`, () => {
    assert.throws(() => saidOf(line), { message: /^ERROR: / });
  });

test('what BuildKit does not know is left out of account, and that is said', () => {
  assert.equal(saidOf('--rm --force-rm --compress --builder default'), '');
  assert.match(saidOf('--squash'), /^WARNING: experimental flag squash is removed with BuildKit\. .*\n$/);
  assert.match(saidOf('-m 1g --cpu-shares 1'), /^WARNING: --cpu-shares has no effect: .*\nWARNING: --memory has .*\n$/);
});

test('metadata as buildx writes it', () => {
  const descriptor = Buffer.from('{"digest":"sha256:1"}').toString('base64');
  const response = { 'image.name': 'a', 'containerimage.descriptor': descriptor, 'cache.manifest': '{"a":1}' };
  const answered =
    '  "cache.manifest": "{\\"a\\":1}",\n  "containerimage.descriptor": {\n    "digest": "sha256:1"\n  },\n  "image.name": "a"\n}';
  assert.equal(metadataJson(response), `{\n${answered}`);
  const warning = { vertex: 'v', level: 1, short: Buffer.from('hm'), detail: [], url: '', ranges: [] };
  const facts = { ref: 'r', warnings: [warning], env: {} };
  const ref = '  "buildx.build.ref": "default/default/r",\n';
  assert.equal(metadataJson(response, facts), `{\n${ref}${answered}`);
  const warned = metadataJson(response, { ...facts, env: { BUILDX_METADATA_WARNINGS: 'true' } });
  const warnings =
    '  "buildx.build.warnings": [\n    {\n      "vertex": "v",\n      "level": 1,\n      "short": "aG0="\n    }\n  ],\n';
  assert.equal(warned, `{\n${ref}${warnings}${answered}`);
});
