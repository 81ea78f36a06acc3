import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sources, top } from './sources.ts';

const all = sources();

test('no source file is longer than 400 lines', (t) => {
  for (const { path, lines } of all) if (lines > 300) t.diagnostic(`over 300 lines: ${path} ${lines}`);
  assert.deepEqual(
    all.filter(({ lines }) => lines > 400).map(({ path, lines }) => `${path} ${lines}`),
    [],
  );
});

test('no file or folder is named util, utils, helpers or common', () => {
  const wrong = all
    .map(({ path }) => path)
    .filter((path) => /(^|[/_-])(utils?|helpers|common|misc)([/._-]|$)/.test(path));
  assert.deepEqual(wrong, []);
});

test('no tracked file names a path of the machine that it was written on', (t) => {
  if (!existsSync(join(top, '.git'))) return t.skip('this machine lacks the git repository');
  const tracked = execFileSync('git', ['-c', `safe.directory=${top.replace(/\/$/, '')}`, 'ls-files', '-z'], {
    cwd: top,
    encoding: 'utf8',
  });
  // A home of `/root` itself is a path of every image too; with something below it, it is a path of ours.
  const paths = [top, `${homedir()}/.`, `${homedir()}/src`].map((path) => Buffer.from(path));
  const wrong = tracked
    .split('\0')
    .filter((file) => file !== '' && statSync(join(top, file), { throwIfNoEntry: false })?.isFile())
    .filter((file) => {
      const body = readFileSync(join(top, file));
      return paths.some((path) => body.includes(path));
    });
  assert.deepEqual(wrong, []);
});
