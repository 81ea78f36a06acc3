import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Cli } from '../../../src/cli/cli.ts';
import type { WordSources } from '../../../src/cli/complete/expression.ts';
import { type Call, runProgram } from '../../../src/cli/program.ts';
import type { CommandTable } from '../../../src/cli/tree.ts';
import { commandTable } from '../../../src/commands/index.ts';

const never = new Promise<never>(() => {});
const stubs: WordSources = {
  env: () => ['HOME', 'PATH'],
  images: async () => ['web:latest', 'web:1'],
  networks: () => Promise.reject(new Error('no engine')),
  running: async () => ['up', 'halted'],
  signals: () => never,
  'volume-sources': async ({ word }) => (word.startsWith('/') ? { words: [], paths: 'files' } : ['data:']),
};

/** What `__complete` prints for the words of a line; a blank at its end begins a new word. */
async function complete(line: string, name = '__complete', before: string[] = []) {
  const table: CommandTable = { ...commandTable, wordSources: async () => ({ wordSources: stubs }) };
  let stdout = '';
  let asked: Call | undefined;
  const host = {
    name: 'nerdctl',
    table,
    version: '1.2.3',
    print: (text: string) => {
      stdout += text;
    },
    run: async (call: Call) => {
      asked = call;
      return Number(await call.command.run({} as Cli, call.args, {} as never));
    },
  };
  const exitCode = await runProgram(host, [...before, name, ...line.split(' ')]);
  assert.equal(exitCode, 0);
  return { lines: stdout.trimEnd().split('\n'), globals: Object.fromEntries(asked?.globals ?? []) };
}

const words = ({ lines }: { lines: string[] }) => lines.map((line) => line.split('\t')[0]);

const exact: readonly (readonly [line: string, ...words: string[]])[] = [
  ['pu', 'pull', 'push', ':4'],
  ['network ', 'create', 'inspect', 'ls', 'prune', 'rm', ':4'],
  ['compl', ':4'],
  ['completion ', 'bash', 'fish', 'powershell', 'zsh', ':4'],
  ['help vol', 'volume', ':4'],
  ['help volume cr', 'create', ':4'],
  ['he', 'help', ':4'],
  ['nope ', ':0'],
  ['run --pu', '--publish', '--publish-all', '--pull', ':4'],
  ['ps -a --al', ':4'],
  ['ps --al', '--all', ':4'],
  ['run -e A=b --env', '--env', '--env-file', ':4'],
  [
    'run -d --de',
    '--detach-keys',
    '--device',
    ...['read', 'write'].flatMap((way) => [`--device-${way}-bps`, `--device-${way}-iops`]),
    ':4',
  ],
  ['run --pull ', 'always', 'missing', 'never', ':4'],
  ['run --pull=', 'always', 'missing', 'never', ':4'],
  ['run --rm=', 'true', 'false', ':4'],
  ['run --net=', 'container:', ':6'],
  ['run --nope ', ':0'],
  ['run --nope=', ':0'],
  ['run --memory=x ', ':0'],
  ['run ', 'web:latest', 'web:1', ':4'],
  ['run web ', ':4'],
  ['run web --pull ', ':4'],
  ['run -- ', 'web:latest', 'web:1', ':4'],
  ['run -- -', 'web:latest', 'web:1', ':4'],
  ['run --network ', 'container:', ':6'],
  ['run --network container:', 'container:up', 'container:halted', ':4'],
  ['run -ite ', 'HOME', 'PATH', ':4'],
  ['run --env-file ', ':0'],
  ['run -v ', 'data:', ':6'],
  ['run -v /', ':0'],
  ['build ', ':16'],
  ['tag a ', 'web:latest', 'web:1', ':4'],
  ['tag a b ', ':4'],
  ['ps ', ':4'],
  ['ps --filter status=', ':4'],
  ['volume ls -f dr', 'dangling=', 'driver=local', 'label=', 'name=', ':4'],
  ['--log-level ', 'debug', 'info', 'warn', 'error', 'fatal', 'panic', ':4'],
  ['-n x container sto', 'stop', ':4'],
  ['container --', '--help', ':4'],
  ['create --name', '--name', ':4'],
];

describe('__complete', () => {
  for (const [line, ...expected] of exact)
    test(line, async () => {
      assert.deepEqual(words(await complete(line)), expected);
    });

  test('tells what words mean, unless not asked to', async () => {
    assert.deepEqual((await complete('pul')).lines, ['pull\tDownload an image from a registry', ':4']);
    assert.deepEqual((await complete('pul', '__completeNoDesc')).lines, ['pull', ':4']);
  });

  test('asks with the settings of the line, and those of an alias', async () => {
    assert.deepEqual((await complete('-n x stop ')).globals, { namespace: 'x' });
    assert.deepEqual((await complete('stop --namespace x ')).globals, { namespace: 'x' });
    assert.deepEqual((await complete('-H unix:///b stop ', '__complete', ['-n', 'x'])).globals, {
      namespace: 'x',
      host: 'unix:///b',
    });
  });

  test('does not wait for a source that hangs', async () => {
    const began = Date.now();
    assert.deepEqual((await complete('kill -s ')).lines, [':4']);
    assert.ok(Date.now() - began < 3000);
  });
});

test('every expression names sources that there are', async () => {
  const { wordSources } = await commandTable.wordSources();
  const known = new Set([...Object.keys(wordSources), 'files', 'dirs']);
  const unknown: string[] = [];
  for (const { paths, load } of commandTable.commands) {
    const { command } = await load();
    const expressions = [command.complete ?? [], ...Object.values(command.flags).map((flag) => flag.complete ?? [])];
    for (const [, source = ''] of expressions
      .flat()
      .join('|')
      .matchAll(/<([^>]*)>/g))
      if (!known.has(source)) unknown.push(`${paths[0]}: ${source}`);
  }
  assert.deepEqual(unknown, []);
});
