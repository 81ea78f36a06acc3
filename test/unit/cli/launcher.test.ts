import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const dir = mkdtempSync(join(tmpdir(), 'nerdctl-launcher-'));
const built = join(dir, 'a tree', 'bin', 'nerdctl');
const installed = join(dir, 'usr', 'bin', 'nerdctl');

before(() => {
  for (const [launcher, lib] of [
    [built, join(dir, 'a tree', 'build', 'lib')],
    [installed, join(dir, 'usr', 'lib', 'nerdctl', 'lib')],
  ] as const) {
    mkdirSync(join(launcher, '..'), { recursive: true });
    mkdirSync(lib, { recursive: true });
    copyFileSync(join(import.meta.dirname, '../../../scripts/launcher.sh'), launcher);
    chmodSync(launcher, 0o755);

    writeFileSync(
      join(lib, 'main.cjs'),
      `console.log(JSON.stringify([process.argv.slice(2), [process.env.NODE_EXTRA_CA_CERTS, process.env.NERDCTL_EXTRA_CA_CERTS]]))`,
    );
  }
  symlinkSync(built, join(dir, 'absolute'));
  symlinkSync('../absolute', join(dir, 'usr', 'relative'));
});
after(() => rmSync(dir, { recursive: true }));

function launch(path: string, line: string[], env: Record<string, string> = {}) {
  const { stdout, stderr, status } = spawnSync(path, line, {
    cwd: join(dir, 'usr'),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, stdout, stderr };
}

const paths: readonly (readonly [name: string, path: string, search?: string])[] = [
  ['by its path', built],
  ['installed', installed],
  ['by a relative path', './bin/nerdctl'],
  ['through symlinks', join(dir, 'usr', 'relative')],
  ['through the search path', 'nerdctl', join(dir, 'usr', 'bin')],
];

for (const [name, path, search] of paths)
  test(`started ${name}`, () => {
    const line = ['run', '--name=a b', '', '*'];
    const { stdout, stderr } = launch(path, line, search ? { PATH: `${search}:${process.env.PATH}` } : {});
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), [line, [null, null]]);
  });

test('keeps the certificates from Node', () => {
  const { stdout } = launch(built, ['x'], { NODE_EXTRA_CA_CERTS: '/ca.pem' });
  assert.deepEqual(JSON.parse(stdout), [['x'], [null, '/ca.pem']]);
});

test('answers --version itself', () => {
  assert.match(launch(built, ['--version'], { NERDCTL_NODE: '/none' }).stdout, /^nerdctl version /);
});

test('says what is missing', () => {
  assert.deepEqual(launch(built, ['ps'], { NERDCTL_NODE: '/none' }), {
    status: 1,
    stdout: '',
    stderr: 'nerdctl: Node.js 20.12 or newer is needed: /none is not there\n',
  });
});
