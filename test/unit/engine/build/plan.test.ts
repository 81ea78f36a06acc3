import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAttests } from '../../../../src/docker/flags/build-attests.ts';
import { completeOutputs, parseBuildOutputs } from '../../../../src/docker/flags/build-outputs.ts';
import { type ExporterFacts, planExporters } from '../../../../src/engine/build/exporters.ts';
import { ownPrefix } from '../../../../src/engine/build/in-place.ts';
import { activeCaches, cacheExports, cacheImportsAttr, planFrontend } from '../../../../src/engine/build/plan.ts';
import { proxyArguments } from '../../../../src/engine/build/proxies.ts';
import type { BuildRequest } from '../../../../src/engine/build/request.ts';
import { renameSteps } from '../../../../src/engine/build/step-names.ts';

const prefix = ownPrefix('r');
const plain: BuildRequest = {
  context: '.',
  file: '',
  tags: [],
  target: '',
  buildArgs: {},
  labels: {},
  noCache: false,
  noCacheFilter: [],
  pull: false,
  platforms: [],
  network: 'default',
  hosts: [],
  shmSize: 0,
  ulimits: [],
  cgroupParent: '',
  allow: [],
  attests: new Map(),
  annotations: {},
  outputs: [],
  secrets: [],
  ssh: [],
  cacheFrom: [],
  cacheTo: [],
  contexts: {},
};
const bare = { proxies: {}, hostGateway: undefined };

const attributes: readonly [name: string, request: Partial<BuildRequest>, attrs: Record<string, string>][] = [
  ['nothing', {}, {}],
  ['arguments', { buildArgs: { A: '1', B: '' } }, { 'build-arg:A': '1', 'build-arg:B': '' }],
  ['labels', { labels: { a: 'b' } }, { 'label:a': 'b' }],
  ['no cache', { noCache: true }, { 'no-cache': '' }],
  ['no cache of some', { noCacheFilter: ['a', 'b'] }, { 'no-cache': 'a,b' }],
  ['pull', { pull: true }, { 'image-resolve-mode': 'pull' }],
  ['target', { target: 'x' }, { target: 'x' }],
  ['platforms', { platforms: ['linux/amd64', 'linux/arm64'] }, { platform: 'linux/amd64,linux/arm64' }],
  ['no network', { network: 'none' }, { 'force-network-mode': 'none' }],
  ['hosts', { hosts: ['a:10.0.0.1'] }, { 'add-hosts': 'a=10.0.0.1' }],
  ['shm', { shmSize: 1 << 26 }, { 'shm-size': '67108864' }],
  ['ulimits', { ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] }, { ulimit: 'nofile=1:2' }],
  ['cgroup', { cgroupParent: '/x' }, { 'cgroup-parent': '/x' }],
  [
    'attests',
    { attests: parseAttests([], { provenance: 'mode=max', sbom: 'false' }) },
    { 'attest:provenance': 'type=provenance,mode=max' },
  ],
  [
    'a frontend of its own',
    { buildArgs: { BUILDKIT_SYNTAX: 'example/frontend:1 debug' } },
    {
      source: 'example/frontend:1',
      cmdline: 'example/frontend:1 debug',
      'build-arg:BUILDKIT_SYNTAX': 'example/frontend:1 debug',
    },
  ],
];

for (const [name, request, attrs] of attributes)
  test(`attributes: ${name}`, () => {
    const plan = planFrontend({ ...plain, ...request }, bare);
    assert.deepEqual(plan.attrs, attrs);
    assert.equal(plan.frontend, 'source' in attrs ? 'gateway.v0' : 'dockerfile.v0');
  });

test('host network is an entitlement', () => {
  const { attrs, entitlements } = planFrontend({ ...plain, network: 'host', allow: ['security.insecure'] }, bare);
  assert.deepEqual(attrs, { 'force-network-mode': 'host' });
  assert.deepEqual(entitlements, ['security.insecure', 'network.host']);
});

const refusals: readonly [request: Partial<BuildRequest>, message: RegExp][] = [
  [{ network: 'mine' }, /^network mode "mine" not supported by buildkit/],
  [{ noCache: true, noCacheFilter: ['a'] }, /^--no-cache and --no-cache-filter cannot currently be used together$/],
  [{ buildArgs: { BUILDKIT_SYNTAX: ' ' } }, /^empty BUILDKIT_SYNTAX build-arg is invalid/],
  [{ hosts: ['a'] }, /^invalid host a$/],
];

for (const [request, message] of refusals)
  test(`refused: ${message.source}`, () => {
    assert.throws(() => planFrontend({ ...plain, ...request }, bare), { message });
  });

test('proxies of docker become arguments, unless one is given', () => {
  const proxies = proxyArguments({ proxies: { default: { httpProxy: 'http://p', noProxy: 'x', other: 1 } } });
  assert.deepEqual(proxies, { HTTP_PROXY: 'http://p', http_proxy: 'http://p', NO_PROXY: 'x', no_proxy: 'x' });
  const { attrs } = planFrontend({ ...plain, buildArgs: { Http_Proxy: 'mine' } }, { ...bare, proxies });
  assert.deepEqual(attrs, { 'build-arg:Http_Proxy': 'mine', 'build-arg:NO_PROXY': 'x', 'build-arg:no_proxy': 'x' });
  assert.deepEqual(proxyArguments({}), {});
});

test('caches', () => {
  const registry = { type: 'registry', attrs: { ref: 'a' } };
  assert.deepEqual(cacheExports({ ...plain, cacheTo: [registry], buildArgs: { BUILDKIT_INLINE_CACHE: '1' } }), [
    registry,
    { type: 'inline', attrs: {} },
  ]);
  assert.deepEqual(cacheImportsAttr([registry]), { 'cache-imports': '[{"Type":"registry","Attrs":{"ref":"a"}}]' });
  assert.deepEqual(cacheImportsAttr([]), {});
  const gha = { type: 'gha', attrs: { scope: 's' } };
  assert.deepEqual(activeCaches([gha, registry], {}), [registry]);
  assert.deepEqual(activeCaches([gha], { ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_CACHE_URL: 'u' }), [
    { type: 'gha', attrs: { token: 't', url: 'u', scope: 's' } },
  ]);
});

const apart: ExporterFacts = { shared: false, ref: 'r', insecureRegistry: false, stdoutIsTerminal: false };
const shared = { ...apart, shared: true };
const app = 'docker.io/library/app:latest';
const there = { kind: 'there' };

interface Row {
  name: string;
  output?: string[];
  request?: Partial<BuildRequest>;
  facts?: ExporterFacts;
  result: unknown;
}

const exporters: readonly Row[] = [
  { name: 'by default loaded', result: [{ type: 'docker', attrs: { name: app }, result: { kind: 'load' } }] },
  {
    name: 'by default in place',
    facts: shared,
    result: [
      {
        type: 'image',
        attrs: { unpack: 'true', 'dangling-name-prefix': prefix },
        result: { kind: 'in-place', names: [app], prefix },
      },
    ],
  },
  {
    name: 'several platforms are an OCI archive',
    request: { platforms: ['linux/amd64', 'linux/arm64'] },
    result: [{ type: 'oci', attrs: { name: app }, result: { kind: 'load' } }],
  },
  {
    name: 'attestations, too',
    request: { attests: new Map([['provenance', 'type=provenance']]) },
    result: [{ type: 'oci', attrs: { name: app }, result: { kind: 'load' } }],
  },
  { name: 'a call has no result', request: { call: { name: 'lint', format: '', ignoreStatus: false } }, result: [] },
  { name: 'cacheonly', output: ['type=cacheonly'], result: [] },
  {
    name: 'pushed',
    output: ['type=registry'],
    result: [{ type: 'image', attrs: { unpack: 'false', push: 'true', name: app }, result: there }],
  },
  {
    name: 'pushed and not kept',
    output: ['type=registry'],
    facts: { ...shared, insecureRegistry: true },
    result: [
      {
        type: 'image',
        attrs: { 'registry.insecure': 'true', store: 'false', unpack: 'false', push: 'true', name: app },
        result: there,
      },
    ],
  },
  {
    name: 'an image that BuildKit keeps',
    output: ['type=image,name=other'],
    request: { tags: [] },
    result: [{ type: 'image', attrs: { name: 'other' }, result: there }],
  },
  {
    name: 'an image named in the output, in place',
    output: ['type=image,"name=one,two:3"'],
    request: { tags: [] },
    facts: shared,
    result: [
      {
        type: 'image',
        attrs: { unpack: 'true', 'dangling-name-prefix': prefix },
        result: {
          kind: 'in-place',
          names: ['docker.io/library/one:latest', 'docker.io/library/two:3'],
          prefix,
        },
      },
    ],
  },
  {
    name: 'a directory, with annotations',
    output: ['/no-such-dir'],
    request: { annotations: { 'annotation.a': 'b' } },
    result: [{ type: 'local', attrs: { 'annotation.a': 'b' }, result: { kind: 'directory', path: '/no-such-dir' } }],
  },
  {
    name: 'archives',
    output: ['type=oci,dest=/no-such.tar', 'type=docker,dest=-', 'type=oci,tar=false,dest=/no-such'],
    result: [
      { type: 'oci', attrs: { name: app }, result: { kind: 'file', path: '/no-such.tar' } },
      { type: 'docker', attrs: { name: app }, result: { kind: 'stdout' } },
      { type: 'oci', attrs: { tar: 'false', name: app }, result: { kind: 'layout', path: '/no-such', tag: 'latest' } },
    ],
  },
  {
    name: 'two on standard output',
    output: ['-', 'type=oci'],
    result: 'multiple outputs configured to write to stdout',
  },
  {
    name: 'a terminal',
    output: ['-'],
    facts: { ...apart, stdoutIsTerminal: true },
    result: 'dest file is required for tar exporter. refusing to write to console',
  },
  {
    name: 'no tag to push',
    output: ['type=registry'],
    request: { tags: [] },
    result: 'tag is needed when pushing to registry',
  },
  { name: 'a file in the way', output: ['/etc/passwd'], result: 'destination directory /etc/passwd is a file' },
  { name: 'a directory in the way', output: ['type=tar,dest=/etc'], result: 'destination file /etc is a directory' },
  {
    name: 'a list in a docker archive',
    output: ['type=docker,dest=-'],
    request: { platforms: ['linux/amd64', 'linux/arm64'] },
    result: 'docker exporter does not support exporting manifest lists, use the oci exporter instead',
  },
];

for (const { name, output = [], request, facts = apart, result } of exporters)
  test(`exporters: ${name}`, () => {
    const completed = (values: string[]) => completeOutputs(parseBuildOutputs(values), { push: false, load: false });
    const act = () => planExporters({ ...plain, tags: [app], outputs: completed(output), ...request }, facts);
    if (typeof result === 'string') assert.throws(act, { message: result });
    else assert.deepEqual(act(), result);
  });

test('--push --load is one image in both places', () => {
  const outputs = completeOutputs([], { push: true, load: true });
  const kinds = planExporters({ ...plain, tags: [app], outputs }, shared).map(({ result }) => result.kind);
  assert.deepEqual(kinds, ['there', 'in-place']);
});

test('steps name the image as it will be named', () => {
  const exporters = planExporters({ ...plain, tags: [app, 'docker.io/library/b:1'] }, shared);
  const status = (ID: string) => ({ ID, vertex: 'v', name: '', current: 0, total: 0 });
  const message = {
    vertexes: [],
    statuses: [status(`naming to ${prefix}@sha256:1`), status('x')],
    logs: [],
    warnings: [],
  };
  const shown = renameSteps(exporters)(message as never).statuses.map(({ ID }) => ID);
  assert.deepEqual(shown, [`naming to ${app}`, 'naming to docker.io/library/b:1', 'x']);
});
