import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { idle } from '../harness/containers.ts';

const box = openBox(import.meta.url);

const table: [what: string, args: string[], code: number, stderr: RegExp][] = [
  ['success', ['run', '--rm', 'bb', 'true'], 0, /^$/],
  ['the own code', ['run', '--rm', 'bb', 'sh', '-c', 'exit 42'], 42, /^$/],
  ['255', ['run', '--rm', 'bb', 'sh', '-c', 'exit 255'], 255, /^$/],
  ['killed by a signal', ['run', '--rm', 'bb', 'sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?'], 137, /^(Killed\n)?$/],
  ['command not found', ['run', '--rm', 'bb', 'no-such-command'], 127, /no-such-command.*not found/],
  ['absolute path not found', ['run', '--rm', 'bb', '/no/such/file'], 127, /no such file or directory/],
  ['not executable', ['run', '--rm', 'bb', '/etc/passwd'], 126, /permission denied/],
  ['a directory', ['run', '--rm', 'bb', '/etc'], 126, /is a directory|permission denied/],
  ['unknown flag', ['run', '--no-such-flag', 'bb'], 125, /unknown flag: --no-such-flag/],
  ['unknown command', ['no-such-command'], 1, /no-such-command/],
  ['too few arguments', ['run'], 1, /requires at least 1 argument/],
];

for (const [what, args, code, stderr] of table) {
  test(`${what}: ${code}`, async () => {
    await box.leavesNothing(async () => {
      const result = await box.nerdctl(args);
      assert.match(result.stderr, stderr);
      assert.equal(result.code, code, result.stderr);
    });
  });
}

test('exec ends with the code of its command', async () => {
  const id = await box.ok(['run', '-d', 'bb', ...idle]);
  const codes: [string[], number][] = [
    [['true'], 0],
    [['sh', '-c', 'exit 3'], 3],
    [['no-such-command'], 127],
    [['/etc/passwd'], 126],
    [['sh', '-c', 'kill -15 $$'], 143],
  ];
  for (const [command, code] of codes) {
    const result = await box.nerdctl(['exec', id, ...command]);
    assert.equal(result.code, code, `${command.join(' ')}: ${result.stderr}`);
  }
  await box.ok(['rm', '-f', id]);
});

test('wait prints the code, of an ended container too', async () => {
  const name = box.name();
  await box.nerdctl(['run', '--name', name, 'bb', 'sh', '-c', 'exit 9']);
  assert.equal(await box.ok(['wait', name]), '9');
  await box.ok(['rm', name]);
});
