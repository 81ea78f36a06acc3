import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

const child = join(import.meta.dirname, 'child.ts');

function start(line: string[], env: Record<string, string> = {}) {
  const started = spawn(process.execPath, ['--import', 'tsx', child, ...line], {
    env: { ...process.env, NERDCTL_TOML: '/nonexistent', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    started[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  return { started, output, closed: once(started, 'close') };
}

async function finish(line: string[], env: Record<string, string> = {}) {
  const { output, closed } = start(line, env);
  const [exitCode] = await closed;
  return { exitCode, ...output };
}

const failures: readonly (readonly [line: string[], exitCode: number, stderr: string])[] = [
  [['engine'], 1, 'Error response from daemon: No such container: x\n'],
  [['unavailable'], 1, 'cannot connect to containerd\n'],
  [['many_failed'], 1, 'Error response from daemon: one\ntwo\n'],
  [['status'], 9, ''],
  [['usage'], 125, "nerdctl: conflicting options\n\nRun 'nerdctl usage --help' for more information\n"],
  [['bug'], 1, 'x is not a function\n'],
  [['later'], 1, 'thrown in a callback\n'],
  [['-l', 'loud', 'status'], 1, 'Unable to parse logging level: loud\n'],
];

for (const [line, exitCode, stderr] of failures)
  test(`failure: ${line.join(' ')}`, async () => {
    assert.deepEqual(await finish(line), { exitCode, stdout: '', stderr });
  });

const runFailures: readonly (readonly [message: string, exitCode: number])[] = [
  ['Conflict. The container name "/x" is already in use', 125],
  ['exec: "nope": executable file not found in $PATH', 127],
  ['exec /nope: no such file or directory', 127],
  ['exec: "/etc/passwd": permission denied', 126],
  ['exec: "/etc": is a directory', 126],
];

for (const [message, code] of runFailures)
  test(`failure of run: ${message}`, async () => {
    const { exitCode, stderr } = await finish(['run'], { FAILURE: message });
    assert.equal(exitCode, code);
    assert.equal(
      stderr,
      `nerdctl: Error response from daemon: ${message}\n\nRun 'nerdctl run --help' for more information\n`,
    );
  });

test('--debug shows where an error comes from', async () => {
  const { stderr } = await finish(['-D', 'bug']);
  assert.match(stderr, /^x is not a function\nTypeError: x is not a function\n {4}at /);
});

test('all output arrives before the end, in order', async () => {
  const { exitCode, stdout } = await finish(['many']);
  const expected = Array.from({ length: 200_000 }, (_, i) => `line ${i} of the output\n`).join('');
  assert.equal(exitCode, 3);
  assert.ok(stdout === expected, `${stdout.length} of ${expected.length} characters, or another order`);
});

test('a reader that goes away ends the program without a word', async () => {
  const { started, output, closed } = start(['endless']);
  started.stdout.once('data', () => started.stdout.destroy());
  const [exitCode] = await closed;
  assert.deepEqual([exitCode, output.stderr], [141, '']);
});

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  test(`${name} aborts the command silently`, async () => {
    const { started, output, closed } = start(['wait']);
    await once(started.stdout, 'data');
    started.kill('SIGUSR1');
    started.kill(name);
    const [exitCode] = await closed;
    assert.deepEqual([exitCode, output], [code, { stdout: 'ready\n', stderr: '' }]);
  });

for (const name of ['SIGTERM', 'SIGUSR2'] as const)
  test(`a command may take ${name}`, async () => {
    const { started, output, closed } = start(['take']);
    await once(started.stdout, 'data');
    started.kill(name);
    const [exitCode] = await closed;
    assert.deepEqual([exitCode, output.stdout], [0, `ready\n${name} false\n`]);
  });

const answers: readonly (readonly [typed: string, result: string])[] = [
  ['y\nY\n', 'true true'],
  ['yes\n y \n', 'false true'],
  ['\nn\n', 'false false'],
  ['y', 'true false'],
  ['n\ny', 'false true'],
  ['', 'false false'],
];

for (const [typed, result] of answers)
  test(`a question answered ${JSON.stringify(typed)}`, async () => {
    const { started, output, closed } = start(['ask']);
    started.stdin.end(typed);
    const [exitCode] = await closed;
    const asked = 'WARNING! This will remove it.\nAre you sure you want to continue? [y/N] Really? [y/N] ';
    assert.deepEqual([exitCode, output.stdout, output.stderr], [0, `${asked}\n${result}\n`, '']);
  });

test('a question interrupted', async () => {
  const { started, output, closed } = start(['ask']);
  await once(started.stdout, 'data');
  started.kill('SIGINT');
  const [exitCode] = await closed;
  assert.deepEqual([exitCode, output.stderr], [130, '']);
});
