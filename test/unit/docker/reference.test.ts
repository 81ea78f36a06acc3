import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatFamiliar,
  idPrefix,
  normalizeReference,
  parseReference,
  shortId,
  tryParseReference,
} from '../../../src/docker/reference.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

const good: [typed: string, full: string, familiar: string][] = [
  ['ubuntu', 'docker.io/library/ubuntu:latest', 'ubuntu'],
  ['ubuntu:22.04', 'docker.io/library/ubuntu:22.04', 'ubuntu:22.04'],
  ['user/tool', 'docker.io/user/tool:latest', 'user/tool'],
  ['docker.io/ubuntu', 'docker.io/library/ubuntu:latest', 'ubuntu'],
  ['index.docker.io/library/ubuntu', 'docker.io/library/ubuntu:latest', 'ubuntu'],
  ['localhost/x', 'localhost/x:latest', 'localhost/x'],
  ['localhost:5000/x:y', 'localhost:5000/x:y', 'localhost:5000/x:y'],
  ['LOCALHOST/a', 'LOCALHOST/a:latest', 'LOCALHOST/a'],
  ['reg.example/a/b__c/d-e', 'reg.example/a/b__c/d-e:latest', 'reg.example/a/b__c/d-e'],
  ['[::1]:5000/x', '[::1]:5000/x:latest', '[::1]:5000/x'],
  [`ubuntu@${digest}`, `docker.io/library/ubuntu@${digest}`, `ubuntu@${digest}`],
  [`ubuntu:1@${digest}`, `docker.io/library/ubuntu:1@${digest}`, `ubuntu:1@${digest}`],
];

test('references as docker reads them', () => {
  for (const [typed, full, familiar] of good) {
    assert.equal(normalizeReference(typed), full);
    assert.equal(formatFamiliar(parseReference(typed)), familiar);
  }
});

const bad: [typed: string, sentence: string][] = [
  ['', 'invalid reference format'],
  ['a:b:c', 'invalid reference format'],
  ['http://x/y', 'invalid reference format'],
  ['-', 'invalid reference format'],
  ['a b', 'invalid reference format'],
  ['a:', 'invalid reference format'],
  ['a:-x', 'invalid reference format'],
  ['a..b', 'invalid reference format'],
  ['a@sha256:12', 'invalid reference format'],
  ['Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
  ['foo/Bar:tag', 'invalid reference format: repository name (foo/Bar) must be lowercase'],
  ['localhost/A', 'invalid reference format: repository name (A) must be lowercase'],
  ['a@md5:0123456789012345678901234567890123', 'unsupported digest algorithm'],
  ['0'.repeat(64), `invalid repository name (${'0'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
];

test('references that docker refuses', () => {
  for (const [typed, message] of bad) {
    assert.throws(() => parseReference(typed), { message }, typed);
    assert.equal(tryParseReference(typed), undefined);
  }
});

test('IDs', () => {
  assert.equal(shortId(digest), '0123456789ab');
  assert.equal(shortId('0123456789abcdef'), '0123456789ab');
  assert.equal(idPrefix('sha256:abc'), 'abc');
  assert.equal(idPrefix('abc'), 'abc');
  assert.equal(idPrefix('xyz'), undefined);
});
