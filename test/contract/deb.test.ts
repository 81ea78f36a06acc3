import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const top = join(import.meta.dirname, '../..');
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const skip = ['dpkg', 'dpkg-deb', 'strip'].every(has) ? false : 'this machine lacks dpkg or strip';
const skipInstalling = skip || (process.getuid?.() === 0 ? false : 'this machine lacks root');

const dir = mkdtempSync(join(tmpdir(), 'nerdctl-deb-'));
after(() => rmSync(dir, { recursive: true }));

/** Not compressed, and with the Node of this machine: the same in seconds. */
function build(into: string): string[] {
  const env = { ...process.env, NODE: process.execPath, COMPRESSION: 'none' };
  return execFileSync('sh', [join(top, 'scripts/deb/build.sh'), join(dir, into)], { env, encoding: 'utf8' })
    .trim()
    .split('\n');
}

let [deb, docker]: (string | undefined)[] = [];
before(() => {
  if (!skip) [deb, docker] = build('one');
});

test('the package has everything in its place, and nothing of another package', { skip }, () => {
  const field = (name: string) => execFileSync('dpkg-deb', ['-f', deb!, name], { encoding: 'utf8' }).trim();
  assert.match(field('Version'), /^\d+\.\d+\.\d+(~git\d{12}\.[0-9a-f]+)?$/);
  assert.match(
    field('Depends'),
    /\bcontainerd \| containerd\.io, runc \| containerd\.io, containernetworking-plugins, /,
  );
  const lines = execFileSync('dpkg-deb', ['-c', deb!], { encoding: 'utf8' }).trim().split('\n');
  const files = new Map(lines.map((line) => [line.split(/\s+/)[5]!.slice(1), line.split(/\s+/)]));
  for (const path of [
    'bin/nerdctl',
    'lib/nerdctl/node',
    'lib/nerdctl/lib/main.cjs',
    'lib/nerdctl/libexec/nerdctl-monitor',
  ])
    assert.ok(files.has(`/usr/${path}`), path);
  assert.ok(files.has('/usr/share/doc/nerdctl/copyright') && files.has('/usr/share/doc/nerdctl/changelog.gz'));
  assert.equal(files.has('/usr/bin/docker') || files.has('/usr/lib/nerdctl/installed'), false);
  for (const [path, [mode, owner]] of files) {
    assert.equal(owner, 'root/root', path);
    assert.match(mode!, path.endsWith('/') ? /^drwxr-xr-x$/ : /^(-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx)$/, path);
  }
});

test('another build gives the same bytes', { skip }, () => {
  const again = build('two');
  for (const [index, path] of [deb!, docker!].entries()) execFileSync('cmp', [path, again[index]!]);
});

test('installed, removed and purged by dpkg, it leaves a machine as it was', { skip: skipInstalling }, () => {
  const root = join(dir, 'root');
  for (const path of ['var/lib/dpkg/updates', 'var/lib/dpkg/info', 'etc/systemd/system', 'var/lib/systemd', 'run'])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  const dpkg = (...args: string[]) =>
    execFileSync(
      'dpkg',
      [`--root=${root}`, '--force-depends', '--force-architecture', '--force-script-chrootless', ...args],
      { encoding: 'utf8', stdio: 'pipe' },
    );
  const tree = () =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => !path.startsWith('var/lib/dpkg'))
      .sort();
  const before = tree();
  dpkg('-i', deb!, docker!);
  const env = { PATH: '/usr/bin:/bin' };
  assert.match(execFileSync(join(root, 'usr/bin/docker'), ['run', '--help'], { env, encoding: 'utf8' }), /docker run/);
  // A run's traces: they go with a purge, unless somebody's data is among them.
  for (const path of [
    'var/lib/nerdctl/1935db59/volumes/default/data',
    'etc/cni/net.d/default',
    'var/lib/cni/networks/own',
    'var/lib/cni/results',
    'run/nerdctl/ports',
  ])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'etc/cni/net.d/nerdctl-bridge.conflist'), '{}');
  writeFileSync(join(root, 'etc/cni/net.d/default/nerdctl-own.conflist'), '{}');
  dpkg('-r', 'nerdctl-docker', 'nerdctl');
  assert.equal(
    tree().some((path) => path.startsWith('usr/')),
    false,
  );
  dpkg('-P', 'nerdctl');
  assert.ok(tree().includes('var/lib/nerdctl/1935db59/volumes/default/data'));
  dpkg('-i', deb!);
  rmSync(join(root, 'var/lib/nerdctl/1935db59/volumes/default/data'), { recursive: true });
  dpkg('-P', 'nerdctl');
  assert.deepEqual(tree(), before);
});
