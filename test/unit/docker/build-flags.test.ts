import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnnotations, parseAttests } from '../../../src/docker/flags/build-attests.ts';
import { parseBuildCaches } from '../../../src/docker/flags/build-cache.ts';
import { parseBuildCall } from '../../../src/docker/flags/build-call.ts';
import {
  buildHosts,
  parseBuildArgs,
  parseBuildContexts,
  parseBuildLabels,
} from '../../../src/docker/flags/build-inputs.ts';
import {
  type BuildOutput,
  completeOutputs,
  isPushed,
  parseBuildOutputs,
} from '../../../src/docker/flags/build-outputs.ts';
import { parseBuildSecrets, parseBuildSsh } from '../../../src/docker/flags/build-secrets.ts';

type Row = [value: string, result: unknown];

/** A string is the sentence that the value is refused with. */
function table(name: string, parse: (value: string) => unknown, rows: readonly Row[]): void {
  for (const [value, result] of rows) {
    test(`${name} ${value}`, () => {
      if (typeof result === 'string') assert.throws(() => parse(value), { message: result });
      else assert.deepEqual(parse(value), result);
    });
  }
}

const output = (type: string, attrs: Record<string, string> = {}, dest = '') => ({ type, attrs, dest });

const neither = { push: false, load: false };

table('--output', (value) => completeOutputs(parseBuildOutputs([value]), neither)[0], [
  ['out', output('local', {}, 'out')],
  ['-', output('tar', {}, '-')],
  ['', undefined],
  ['type=local,dest=out', output('local', {}, 'out')],
  ['type=local', 'dest is required for local exporter'],
  ['type=local,dest=-', 'dest cannot be stdout for local exporter'],
  ['type=tar', output('tar', {}, '-')],
  ['type=tar,dest=a.tar', output('tar', {}, 'a.tar')],
  ['type=oci', output('oci', {}, '-')],
  ['type=oci,tar=false', 'dest is required for oci exporter'],
  ['type=oci,tar=false,dest=layout', output('oci', { tar: 'false' }, 'layout')],
  ['type=docker', output('docker')],
  ['type=docker,dest=-', output('docker', {}, '-')],
  ['type=image,name=a', output('image', { name: 'a' })],
  ['TYPE=image, Push=true', output('image', { push: 'true' })],
  ['type=registry', output('image', { unpack: 'false', push: 'true' })],
  ['type=registry,unpack=true', output('image', { unpack: 'true', push: 'true' })],
  ['type=image,"name=a,b"', output('image', { name: 'a,b' })],
  ['type=cacheonly', output('cacheonly')],
  ['dest=x', output('local', {}, 'dest=x')],
  ['dest=x,a=b', 'type is required for output'],
  ['type=image,push', 'invalid value push'],
]);

test('--push and --load change what is there, or add to it', () => {
  const [local, image, docker] = parseBuildOutputs(['out', 'type=image,unpack=true', 'type=docker']);
  const pushed = (...outputs: BuildOutput[]) => completeOutputs(outputs, { push: true, load: false });
  const loaded = (...outputs: BuildOutput[]) => completeOutputs(outputs, { push: false, load: true });
  assert.deepEqual(pushed(), [output('image', { unpack: 'false', push: 'true' })]);
  assert.deepEqual(pushed(local!, image!), [local, output('image', { unpack: 'true', push: 'true' })]);
  assert.deepEqual(loaded(), [docker]);
  assert.deepEqual(loaded(local!), [local, docker]);
  assert.deepEqual(loaded(docker!), [docker]);
  assert.deepEqual([local!, image!, ...pushed()].map(isPushed), [false, false, true]);
});

table('--secret', (value) => parseBuildSecrets([value])[0], [
  ['id=a,src=f', { id: 'a', file: 'f' }],
  ['id=a,source=f', { id: 'a', file: 'f' }],
  ['id=a,env=E', { id: 'a', env: 'E' }],
  ['id=a', { id: 'a' }],
  ['type=env,id=a,src=E', { id: 'a', env: 'E' }],
  ['type=env,id=a', { id: 'a' }],
  ['type=file,id=a,src=f', { id: 'a', file: 'f' }],
  ['id=a,src="x', 'failed to parse csv secret: parse error on line 1, column 10: bare " in non-quoted-field'],
  ['type=vault,id=a', 'unsupported secret type "vault"'],
  ['a', "invalid field 'a' must be a key=value pair"],
  ['id=a,uid=0', "unexpected key 'uid' in 'uid=0'"],
]);

test('the last --secret and --ssh of one ID wins', () => {
  assert.deepEqual(parseBuildSecrets(['id=a,src=1', 'id=b', 'id=a,src=2']), [{ id: 'a', file: '2' }, { id: 'b' }]);
  assert.deepEqual(parseBuildSsh(['default', 'default=/x']), [{ id: 'default', paths: ['/x'] }]);
});

table('--ssh', (value) => parseBuildSsh([value])[0], [
  ['default', { id: 'default', paths: [] }],
  ['=k', { id: 'default', paths: ['k'] }],
  ['x=/run/agent.sock', { id: 'x', paths: ['/run/agent.sock'] }],
  ['x=a,b', { id: 'x', paths: ['a', 'b'] }],
]);

table('--cache-from', (value) => parseBuildCaches([value]), [
  ['user/app:cache', [{ type: 'registry', attrs: { ref: 'user/app:cache' } }]],
  ['a,b', ['a', 'b'].map((ref) => ({ type: 'registry', attrs: { ref } }))],
  ['type=local,src=d', [{ type: 'local', attrs: { src: 'd' } }]],
  ['type=registry,ref=a,Mode=max', [{ type: 'registry', attrs: { ref: 'a', mode: 'max' } }]],
  ['ref=a', 'type required for "ref=a"'],
  ['type=inline,x', 'invalid value x'],
  ['', []],
]);

table('--attest', (value) => [...parseAttests([value], { provenance: '', sbom: '' })], [
  ['type=sbom', [['sbom', 'type=sbom']]],
  ['type=provenance,mode=max,builder-id=x', [['provenance', 'type=provenance,builder-id=x,mode=max']]],
  ['type=sbom,"generator=a,b"', [['sbom', 'type=sbom,"generator=a,b"']]],
  ['type=sbom,disabled=true', [['sbom', null]]],
  ['type=sbom,disabled=x', 'invalid value disabled=x: strconv.ParseBool: parsing "x": invalid syntax'],
  ['mode=max', 'attestation type not specified'],
  ['sbom', 'invalid value sbom'],
]);

table('--provenance', (value) => [...parseAttests([], { provenance: value, sbom: '' })], [
  ['', []],
  ['true', [['provenance', 'type=provenance']]],
  ['false', [['provenance', null]]],
  ['mode=max', [['provenance', 'type=provenance,mode=max']]],
]);

test('--attest wins over --provenance', () => {
  const attests = parseAttests(['type=provenance,mode=max'], { provenance: 'false', sbom: 'true' });
  assert.deepEqual(
    [...attests],
    [
      ['provenance', 'type=provenance,mode=max'],
      ['sbom', 'type=sbom'],
    ],
  );
});

table('--annotation', (value) => parseAnnotations([value]), [
  ['a=b=c', { 'annotation.a': 'b=c' }],
  ['manifest:a=b', { 'annotation-manifest.a': 'b' }],
  ['index,manifest:a=b', { 'annotation-index.a': 'b', 'annotation-manifest.a': 'b' }],
  ['manifest[linux/arm64/v8]:a=b', { 'annotation-manifest[linux/arm64].a': 'b' }],
  ['index[linux/amd64]:a=b', { 'annotation-index.a': 'b' }],
  ['a', 'parse annotations: invalid annotation "a", expected key=value'],
  ['layer:a=b', 'parse annotations: unknown annotation type "layer"'],
  ['X:a=b', 'parse annotations: invalid annotation type "X", expected type and optional platform in square brackets'],
]);

const caller: Record<string, string> = { HOME: '/home/u', EMPTY: '' };

table('--build-arg', (value) => parseBuildArgs([value], (name) => caller[name]), [
  ['A=b=c', { A: 'b=c' }],
  ['A=', { A: '' }],
  ['HOME', { HOME: '/home/u' }],
  ['EMPTY', { EMPTY: '' }],
  ['UNSET', {}],
  ['=x', 'invalid key-value pair "=x": empty key'],
]);

table('--label', (value) => parseBuildLabels([value]), [
  ['a=b', { a: 'b' }],
  ['a', { a: '' }],
  ['=b', 'invalid key-value pair "=b": empty key'],
]);

table('--build-context', (value) => parseBuildContexts([value]), [
  ['src=./x', { src: './x' }],
  ['alpine=docker-image://alpine:3', { alpine: 'docker-image://alpine:3' }],
  ['docker.io/library/alpine:latest=x', { alpine: 'x' }],
  ['alpine:3.19=x=y', { 'alpine:3.19': 'x=y' }],
  ['src', 'invalid context value: src, expected key=value'],
  ['a b=x', 'invalid context name a b: invalid reference format'],
]);

test('--add-host as BuildKit takes it', () => {
  const hosts = ['a:10.0.0.1', 'b=::1', 'c:[fe80::1]', 'd=10.0.0.2,[::2]', 'e:host-gateway'];
  assert.equal(buildHosts(hosts, '172.17.0.1'), 'a=10.0.0.1,b=::1,c=fe80::1,d=10.0.0.2,d=::2,e=172.17.0.1');
  assert.throws(() => buildHosts(['a'], undefined), { message: 'invalid host a' });
  assert.throws(() => buildHosts(['a:10.0.0'], undefined), { message: 'invalid host a:10.0.0' });
  assert.throws(() => buildHosts(['a:host-gateway'], undefined), { message: /host-gateway/ });
});

table('--call', parseBuildCall, [
  ['build', undefined],
  ['', undefined],
  ['check', { name: 'lint', format: '', ignoreStatus: false }],
  ['outline,format=json', { name: 'outline', format: 'json', ignoreStatus: false }],
  ['targets,ignorestatus=true', { name: 'targets', format: '', ignoreStatus: true }],
  ['outline,targets', 'invalid print value: outline,targets'],
  ['outline,x=y', 'invalid print field: x=y'],
  ['outline,ignorestatus=x', 'invalid ignorestatus print value: x: strconv.ParseBool: parsing "x": invalid syntax'],
]);
