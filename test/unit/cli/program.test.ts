import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tryLine } from './fixture.ts';

/** UPDATE_GOLDEN=1 writes the files anew. */
function golden(name: string, text: string): void {
  const path = join(import.meta.dirname, '../../golden/cli', `${name}.golden`);
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}

const screens: readonly (readonly [name: string, line: string[], columns: number])[] = [
  ['root', [], 80],
  ['group', ['container'], 80],
  ['command', ['ps', '--help'], 80],
  ['command-wide', ['ps', '--help'], 160],
  ['command-narrow', ['ps', '--help'], 40],
];

for (const [name, line, columns] of screens)
  test(`help: ${name}`, async () => {
    const { stdout, exitCode, error } = await tryLine(line, 'nerdctl', columns);
    assert.deepEqual([exitCode, error], [0, undefined]);
    golden(name, stdout);
  });

test('help wins over an unknown command', async () => {
  for (const line of [
    ['nope', '--help'],
    ['container', 'nope', '--help'],
  ]) {
    const { stdout, exitCode } = await tryLine(line);
    assert.deepEqual([exitCode, stdout.startsWith('Usage:  nerdctl')], [0, true]);
  }
});

const calls: readonly (readonly [line: string, path: string, args: string[], globals: Record<string, unknown>])[] = [
  ['ps', 'ps', [], {}],
  ['container list -a', 'container ls', [], {}],
  ['container remove x', 'container rm', ['x'], {}],
  ['vol create', 'volume create', [], {}],
  ['-n k8s.io ps', 'ps', [], { namespace: 'k8s.io' }],
  ['--namespace=a container --namespace b ls', 'container ls', [], { namespace: 'b' }],
  ['ps --namespace k8s.io', 'ps', [], { namespace: 'k8s.io' }],
  ['ps -n 3', 'ps', [], {}],
  ['wait -n 3 x', 'wait', ['x'], { namespace: '3' }],
  ['-Hunix:///c.sock -D ps', 'ps', [], { host: 'unix:///c.sock', debug: true }],
  ['run -a STDOUT -h me --address /c.sock image -h -n x', 'run', ['image', '-h', '-n', 'x'], { address: '/c.sock' }],
  ['rm -fv -- -x', 'rm', ['-x'], {}],
  ['internal exited', 'internal exited', [], {}],
];

for (const [line, path, args, globals] of calls)
  test(`calls: ${line}`, async () => {
    const { call, error } = await tryLine(line.split(' '));
    assert.equal(error, undefined);
    assert.deepEqual([call?.path, call?.args, Object.fromEntries(call?.globals ?? [])], [path, args, globals]);
  });

test('flags have defaults, and tell which were given', async () => {
  const { call } = await tryLine(['ps', '-q', '--last=-1', '-f', 'a=b', '-f', 'c=d']);
  assert.deepEqual(call?.flags, {
    all: false,
    filter: ['a=b', 'c=d'],
    format: '',
    last: -1,
    latest: false,
    'no-trunc': false,
    quiet: true,
    size: false,
    changed: new Set(['quiet', 'last', 'filter']),
  });
});

const refused: readonly (readonly [line: string, exitCode: number, error: RegExp])[] = [
  ['network', 1, /^nerdctl: unknown command: nerdctl network\n/],
  ['constructor', 1, /^nerdctl: unknown command: nerdctl constructor\n/],
  ['container __proto__', 1, /^nerdctl: unknown command: nerdctl container __proto__\n/],
  [
    'volume create a b',
    1,
    /'nerdctl volume create' requires at most 1 argument\n[\s\S]*\nRun 'nerdctl volume create --help'/,
  ],
  ['-H tcp://h:1 ps', 125, /^invalid argument "tcp:\/\/h:1" for "-H, --host" flag: only containerd's own socket/],
  ['-c other ps', 125, /^invalid argument "other" for "-c, --context" flag: there is only the context "default"/],
];

for (const [line, exitCode, error] of refused)
  test(`refuses: ${line}`, async () => {
    const outcome = await tryLine(line.split(' '));
    assert.equal(outcome.exitCode, exitCode);
    assert.match(outcome.error ?? '', error);
  });

for (const line of [['-v'], ['--version'], ['-D', '--version', 'ps']])
  test(`version: ${line.join(' ')}`, async () => {
    assert.deepEqual(await tryLine(line), { stdout: 'nerdctl version 1.2.3\n', exitCode: 0 });
  });
