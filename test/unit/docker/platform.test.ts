import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choosePlatform,
  formatPlatform,
  hostPlatform,
  matchPlatform,
  parsePlatform,
} from '../../../src/docker/platform.ts';

const host = hostPlatform('linux', 'x64');

test('platforms are normalised', () => {
  const cases: [string, string][] = [
    ['linux', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
    ['aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['x86_64', 'linux/amd64'],
    ['linux/i386', 'linux/386'],
    ['Linux/AMD64', 'linux/amd64'],
    ['windows/amd64', 'windows/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
  ];
  for (const [typed, full] of cases) assert.equal(formatPlatform(parsePlatform(typed, host)), full, typed);
  const wrong: [typed: string, sentence: RegExp][] = [
    ['', /^"" is an invalid OS component of "": OSAndVersion specifier component must match ".*": invalid argument$/],
    [
      'linux/',
      /^"" is an invalid component of "linux\/": platform specifier component must match ".*": invalid argument$/,
    ],
    ['linux/am d64', /^"am d64" is an invalid component of /],
    ['a/b/c/d', /^"a\/b\/c\/d": cannot parse platform specifier: invalid argument$/],
    ['nothing', /^"nothing": unknown operating system or architecture: invalid argument$/],
  ];
  for (const [typed, sentence] of wrong) assert.throws(() => parsePlatform(typed, host), { message: sentence }, typed);
});

test('what a machine can run, and what it prefers', () => {
  const of = (text: string) => parsePlatform(text, host);
  const runs: [string, string, boolean][] = [
    ['linux/amd64', 'linux/amd64', true],
    ['linux/amd64', 'linux/386', true],
    ['linux/amd64', 'linux/arm64', false],
    ['linux/arm64', 'linux/arm/v7', true],
    ['linux/arm/v7', 'linux/arm/v6', true],
    ['linux/arm/v6', 'linux/arm/v7', false],
    ['linux/amd64/v2', 'linux/amd64', true],
    ['linux/amd64', 'windows/amd64', false],
  ];
  for (const [wanted, offered, expected] of runs) assert.equal(matchPlatform(of(wanted), of(offered)), expected);
  const offered = ['linux/arm/v5', 'linux/arm/v6', 'linux/s390x'];
  assert.equal(choosePlatform(of('linux/arm/v7'), offered, of), 'linux/arm/v6');
  assert.equal(choosePlatform(of('linux/amd64'), offered, of), undefined);
});
