import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { lacksCgroups } from '../harness/user.ts';

const box = openBox(import.meta.url);

/** The words that the last of `line` can become, and the directive. */
async function offered(...line: string[]): Promise<string[]> {
  const printed = await box.ok(['__complete', ...line]);
  return printed.split('\n').map((row) => row.split('\t')[0] ?? '');
}

test('names of what there is', async () => {
  await box.ok(['create', '--name', 'made', 'bb', 'true']);
  await box.ok(['run', '-d', '--network', 'none', '--name', 'up', 'bb', 'sleep', '1000']);
  await box.ok(['run', '-d', '--network', 'none', '--name', 'held', 'bb', 'sleep', '1000']);
  const [paused, running] = lacksCgroups() ? [[], ['held', 'up']] : [['held'], ['up']];
  for (const name of paused) await box.ok(['pause', name]);
  await box.ok(['volume', 'create', 'data']);
  await box.ok(['tag', 'bb', 'localhost:5000/bb:2']);

  const expected: readonly (readonly [line: string[], words: string[]])[] = [
    [
      ['start', ''],
      ['made', ':4'],
    ],
    [
      ['stop', ''],
      ['held', 'up', ':4'],
    ],
    [
      ['stop', 'up', ''],
      ['held', ':4'],
    ],
    [
      ['exec', ''],
      [...running, ':4'],
    ],
    [['exec', 'up', ''], [':4']],
    [
      ['unpause', ''],
      [...paused, ':4'],
    ],
    [
      ['rm', ''],
      ['made', ':4'],
    ],
    [
      ['rm', '-f', ''],
      ['held', 'up', 'made', ':4'],
    ],
    [
      ['logs', ''],
      ['held', 'up', 'made', ':4'],
    ],
    [
      ['container', 'inspect', ''],
      ['held', 'up', 'made', ':4'],
    ],
    [
      ['run', '--network', 'container:'],
      ['container:held', 'container:up', ':4'],
    ],
    [
      ['run', '-v', ''],
      ['data:', ':6'],
    ],
    [
      ['run', '--mount', 'type=volume,src='],
      ['type=volume,src=data', ':4'],
    ],
    [
      ['volume', 'rm', ''],
      ['data', ':4'],
    ],
    [
      ['ps', '--filter', 'name='],
      ['name=held', 'name=up', 'name=made', ':4'],
    ],
    [
      ['inspect', '--type', 'volume', ''],
      ['data', ':4'],
    ],
  ];
  for (const [line, words] of expected) assert.deepEqual(await offered(...line), words, line.join(' '));

  const images = await offered('run', '');
  for (const name of ['bb:latest', 'web:latest', 'localhost:5000/bb:2', ':4']) assert.ok(images.includes(name), name);
  const networks = await offered('network', 'inspect', '');
  for (const name of ['bridge', 'host', 'none']) assert.ok(networks.includes(name), name);
  assert.ok((await offered('-n', '')).includes(box.namespace));
  assert.deepEqual(await offered('-n', `${box.namespace}-other`, 'stop', ''), [':4']);
});
