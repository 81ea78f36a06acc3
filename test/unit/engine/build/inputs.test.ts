import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type InputOptions, loadInputs } from '../../../../src/engine/build/inputs.ts';
import { tarHeader } from '../../../../src/engine/image/tar-header.ts';

const top = mkdtempSync(join(tmpdir(), 'nerdctl-inputs-'));
after(() => rmSync(top, { recursive: true }));

function directory(name: string, files: readonly string[]): string {
  const dir = join(top, name);
  mkdirSync(dir);
  for (const file of files) writeFileSync(join(dir, file), `# ${file}\n`);
  return dir;
}

const signal = new AbortController().signal;
const load = (options: Partial<InputOptions>, stdin: string | Uint8Array = '') =>
  loadInputs({
    context: '',
    file: '',
    contexts: {},
    stdin: () => Readable.from([Buffer.from(stdin)]),
    signal,
    ...options,
  });

const capital = directory('capital', ['Dockerfile', 'dockerfile', 'Containerfile']);
const lower = directory('lower', ['dockerfile', 'Containerfile']);
const podman = directory('podman', ['Containerfile']);
const empty = directory('empty', []);

for (const [name, context, file, filename, dir] of [
  ['the directory has it', capital, '', 'Dockerfile', capital],
  ['in lower case', lower, '', 'dockerfile', lower],
  ['podman’s name', podman, '', 'Containerfile', podman],
  ['none: BuildKit says so', empty, '', 'Dockerfile', empty],
  ['elsewhere', empty, join(capital, 'Containerfile'), 'Containerfile', capital],
  ['named, in lower case', empty, join(lower, 'Dockerfile'), 'dockerfile', lower],
  ['named, never podman’s', empty, join(podman, 'Dockerfile'), 'Dockerfile', podman],
] as const)
  test(`a directory: ${name}`, async () => {
    const inputs = await load({ context, file });
    assert.deepEqual(inputs.dirs, { context: { path: context }, dockerfile: { path: dir } });
    assert.deepEqual(inputs.attrs, { filename });
    assert.equal(inputs.contextDir, context);
  });

test('a Dockerfile on standard input', async () => {
  for (const [context, file] of [
    [empty, '-'],
    ['-', ''],
  ] as const) {
    const inputs = await load({ context, file }, 'FROM scratch\n');
    assert.deepEqual(inputs.attrs, { filename: 'Dockerfile', dockerfilekey: 'dockerfile' });
    const files = new Map([['Dockerfile', Buffer.from('FROM scratch\n')]]);
    assert.deepEqual(inputs.dirs, {
      context: context === '-' ? { files: new Map() } : { path: context },
      dockerfile: { files },
    });
  }
});

test('an archive on standard input', async () => {
  const tar = Buffer.concat([tarHeader('a', 0), Buffer.alloc(1024)]);
  for (const stream of [tar, gzipSync(tar)]) {
    const inputs = await load({ context: '-', file: 'sub/Dockerfile' }, stream);
    const [id] = Object.keys(inputs.uploads);
    assert.deepEqual(inputs.attrs, { context: `http://buildkit-session/${id}`, filename: 'sub/Dockerfile' });
    assert.deepEqual(inputs.dirs, {});
    assert.deepEqual(await buffer(inputs.uploads[id!]!), stream);
  }
});

test('remote contexts', async () => {
  for (const context of [
    'https://example.com/a.git#main:sub',
    'git@example.com:a/b.git',
    'github.com/a/b',
    'ssh://h/x',
  ]) {
    assert.deepEqual((await load({ context })).attrs, { context, filename: 'Dockerfile' });
    assert.equal((await load({ context, file: 'a/Dockerfile.x' })).attrs.filename, 'a/Dockerfile.x');
  }
  const { attrs, dirs } = await load({ context: 'https://example.com/a.git', file: join(podman, 'Containerfile') });
  assert.deepEqual(attrs, {
    context: 'https://example.com/a.git',
    dockerfilekey: 'dockerfile',
    filename: 'Containerfile',
  });
  assert.deepEqual(dirs, { dockerfile: { path: podman } });
});

const layout = directory('layout', []);
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const entry = (digit: string, tag?: string) => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digest(digit),
  size: 2,
  ...(tag && { annotations: { 'org.opencontainers.image.ref.name': tag } }),
});
writeFileSync(
  join(layout, 'index.json'),
  JSON.stringify({ schemaVersion: 2, manifests: [entry('1', 'latest'), entry('2', 'v2')] }),
);

test('named contexts', async () => {
  const { attrs, dirs, layouts } = await load({
    context: capital,
    contexts: {
      src: lower,
      context: podman,
      base: 'docker-image://alpine:3',
      web: 'https://example.com/x.git',
      one: `oci-layout://${layout}`,
      two: `oci-layout://${layout}:v2`,
      three: `oci-layout://${layout}@${digest('3')}`,
    },
  });
  const ids = Object.keys(layouts);
  assert.deepEqual(Object.values(layouts), [layout, layout, layout]);
  assert.deepEqual(dirs, {
    context: { path: capital },
    dockerfile: { path: capital },
    src: { path: lower },
    _context: { path: podman },
  });
  assert.deepEqual(attrs, {
    filename: 'Dockerfile',
    'frontend.caps': 'moby.buildkit.frontend.contexts+forward',
    'context:src': 'local:src',
    'context:context': 'local:_context',
    'context:base': 'docker-image://alpine:3',
    'context:web': 'https://example.com/x.git',
    'context:one': `oci-layout://${ids[0]}@${digest('1')}`,
    'context:two': `oci-layout://${ids[1]}@${digest('2')}`,
    'context:three': `oci-layout://${ids[2]}@${digest('3')}`,
  });
});

for (const [options, message, stdin] of [
  [{ context: 'no-such' }, 'unable to prepare context: path "no-such" not found'],
  [{ context: '' }, 'please specify build context (e.g. "." for the current directory)'],
  [{ context: '-', file: '-' }, "invalid argument: can't use stdin for both build context and dockerfile"],
  [{ context: '-', file: 'x' }, 'ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles', 'FROM x'],
  [{ context: '-' }, 'the build context on standard input is empty'],
  [{ context: empty, file: 'no/such' }, 'failed to read dockerfile: open no/such: no such file or directory'],
  [
    { context: empty, contexts: { a: 'no-such' } },
    'failed to get build context a: stat no-such: no such file or directory',
  ],
  [
    { context: empty, contexts: { a: 'oci-layout://no-such' } },
    'oci-layout reference "oci-layout://no-such" could not be resolved: could not read no-such/index.json: no such file or directory',
  ],
  [
    { context: empty, contexts: { a: `oci-layout://${layout}:v3` } },
    `oci-layout reference "oci-layout://${layout}:v3" could not be resolved: failed to resolve digest`,
  ],
] as const)
  test(`refused: ${message.replaceAll(top, '')}`, async () => {
    await assert.rejects(load(options, stdin), { message });
  });
