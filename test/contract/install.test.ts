import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const top = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'nerdctl install-'));
after(() => rmSync(dir, { recursive: true }));

/** A machine's root directory with what a distribution has there. */
function machine(name: string): string {
  const root = join(dir, name);
  for (const path of ['usr/bin', 'usr/share/man/man1', 'usr/local']) mkdirSync(join(root, path), { recursive: true });
  return root;
}

function install(what: 'install' | 'docker' | 'uninstall', root: string, prefix: string) {
  const env = { ...process.env, DESTDIR: root, PREFIX: prefix };
  const { status, stderr } = spawnSync('sh', [join(top, 'scripts/install.sh'), what], { env, encoding: 'utf8' });
  return { status, stderr };
}
const well = { status: 0, stderr: '' };

const tree = (root: string) => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();

function says(program: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env.PATH } });
  assert.equal(stderr, '');
  return stdout;
}

for (const prefix of ['/usr', '/usr/local', '/opt/my tools']) {
  test(`installed in ${prefix} it runs, and uninstalled it leaves what was there`, () => {
    const root = machine(`machine ${prefix.replaceAll('/', ' ')}`);
    const before = tree(root);
    assert.deepEqual(install('install', root, prefix), well);
    const at = (path: string) => join(root, prefix, path);
    assert.match(says(at('bin/nerdctl'), 'run', '--help'), /^Usage: {2}nerdctl run /);
    assert.match(readFileSync(at('share/doc/nerdctl/README.md'), 'utf8'), /nerdctl/);
    for (const kind of ['system', 'user']) {
      const source = join(top, 'lib/systemd', kind);
      for (const unit of existsSync(source) ? readdirSync(source) : []) {
        const text = readFileSync(join(source, unit), 'utf8');
        const bin = `${prefix}/bin/`.replaceAll(' ', '\\x20');
        assert.equal(readFileSync(at(`lib/systemd/${kind}/${unit}`), 'utf8'), text.replaceAll('/usr/local/bin/', bin));
      }
    }

    // A file of an older version goes with the next one; a file of somebody else stays.
    const list = readFileSync(at('lib/nerdctl/installed'), 'utf8');
    writeFileSync(at('bin/older'), '');
    writeFileSync(at('lib/nerdctl/installed'), `${list}${prefix}/bin/older\n`);
    assert.deepEqual(install('install', root, prefix), well);
    assert.equal(existsSync(at('bin/older')), false);
    assert.equal(readFileSync(at('lib/nerdctl/installed'), 'utf8'), list);

    assert.deepEqual(install('uninstall', root, prefix), well);
    assert.deepEqual(tree(root), before);
    assert.deepEqual(install('uninstall', root, prefix), well);
  });
}

test('the name docker comes on request, stays over an update, and takes no other docker away', () => {
  const root = machine('with docker');
  const before = tree(root);
  const docker = join(root, 'usr/local/bin/docker');
  assert.deepEqual(install('docker', root, '/usr/local'), well);
  assert.deepEqual(install('install', root, '/usr/local'), well);
  assert.match(says(docker, 'run', '--help'), /^Usage: {2}docker run /);
  assert.match(says(docker, '--help'), /\nRun 'docker COMMAND --help' for more/);
  assert.deepEqual(install('uninstall', root, '/usr/local'), well);
  assert.deepEqual(tree(root), before);

  writeFileSync(join(root, 'usr/bin/docker'), 'another');
  const refused = install('docker', root, '/usr');
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /^install: there is a .*\/usr\/bin\/docker already, and it stays\n$/);
  assert.equal(lstatSync(join(root, 'usr/bin/docker')).size, 7);
});
