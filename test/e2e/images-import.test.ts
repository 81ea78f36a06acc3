import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tar } from '../harness/archive.ts';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);
const archive = join(box.dir, 'rootfs.tar');
let plain: Buffer;

before(async () => {
  const busybox = await box.nerdctl([
    'run',
    '--rm',
    '-v',
    `${box.dir}:/out`,
    'bb',
    'cp',
    '/bin/busybox',
    '/out/busybox',
  ]);
  assert.equal(busybox.code, 0, busybox.stderr);
  plain = await tar([
    { path: 'bin' },
    { path: 'bin/busybox', body: readFileSync(join(box.dir, 'busybox')), mode: 0o755 },
    { path: 'bin/sh', link: 'busybox' },
    { path: 'owned', body: 'x', uid: 5, gid: 6, mode: 0o4755 },
  ]);
  writeFileSync(archive, plain);
});

/** Through the program, as a user would; undefined where it is not installed. */
function compressed(program: string): Buffer | undefined {
  const { stdout, status } = spawnSync(program, ['-c', archive], { maxBuffer: 1 << 26 });
  return status === 0 ? stdout : undefined;
}

test('import of every compression, from a file and from standard input', async () => {
  const inputs = {
    plain,
    gzip: gzipSync(plain),
    zstd: compressed('zstd'),
    xz: compressed('xz'),
    bzip2: compressed('bzip2'),
  };
  for (const [name, input] of Object.entries(inputs)) {
    if (!input) continue;
    const id = await box.ok(['import', '-', `imported:${name}`], { input });
    assert.match(id, /^sha256:[0-9a-f]{64}$/, name);
    const layers = await box.ok(['inspect', '-f', '{{.RootFS.Layers}}', id]);
    assert.equal(layers, await box.ok(['inspect', '-f', '{{.RootFS.Layers}}', 'imported:plain']), name);
    const stat = ['run', '--rm', `imported:${name}`, '/bin/busybox', 'stat', '-c', '%u:%g %a', '/owned'];
    assert.equal(await box.ok(stat), '5:6 4755', name);
    assert.equal(await box.ok(['rmi', '-f', id]).then((out) => /Untagged/.test(out)), true);
    if (name === 'plain') await box.ok(['import', archive, 'imported:plain']);
  }
  await box.ok(['rmi', 'imported:plain']);
});

test('import: message, changes, platform, no name; what history and inspect say', async () => {
  const changes = ['CMD ["/bin/busybox","echo","from cmd"]', 'ENV A=b', 'EXPOSE 80'];
  const id = await box.ok(['import', '-m', 'made by hand', ...changes.flatMap((each) => ['-c', each]), archive]);
  assert.equal(await box.ok(['run', '--rm', id]), 'from cmd');
  assert.equal(await box.ok(['history', '--format', '{{.Comment}}', id]), 'made by hand');
  assert.equal(
    await box.ok(['image', 'inspect', '-f', '{{.Comment}} {{.Config.Env}} {{json .Config.ExposedPorts}}', id]),
    'made by hand [A=b] {"80/tcp":{}}',
  );
  assert.equal(await box.ok(['images', '-f', 'dangling=true', '-q', '--no-trunc']), id);
  await box.ok(['import', '--platform', 'linux/arm64', archive, 'other']);
  assert.equal(
    await box.ok(['image', 'inspect', '-f', '{{.Os}}/{{.Architecture}} {{.Comment}}', 'other']),
    'linux/arm64 Imported from -',
  );
  await box.ok(['rmi', id, 'other']);
});

test('import from an address, redirected', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/there') response.writeHead(302, { location: '/file.tar.gz' }).end();
    else if (/^(http:\/\/files\.test)?\/file\.tar\.gz$/.test(request.url ?? '')) response.end(gzipSync(plain));
    else response.writeHead(404).end('<html>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const out = await box.ok(['import', `${base}/there`, 'fetched']);
    assert.match(out, new RegExp(`^Downloading from ${base}/there\nsha256:[0-9a-f]{64}$`));
    assert.equal(await box.ok(['history', '--format', '{{.Comment}}', 'fetched']), `Imported from ${base}/there`);
    assert.equal(await box.ok(['run', '--rm', 'fetched', '/bin/busybox', 'echo', 'x']), 'x');
    await box.ok(['rmi', 'fetched']);
    // The server is a proxy too: the name exists only there.
    await box.ok(['import', 'http://me:hunter2@files.test/file.tar.gz', 'proxied'], { env: { http_proxy: base } });
    await box.ok(['rmi', 'proxied']);
    await box.leavesNothing(async () => {
      await box.fails(['import', `${base}/nothing`], 1, /failed to GET http:\/\/\S+\/nothing with status 404/);
      await box.fails(
        ['import', 'http://127.0.0.1:1/x'],
        1,
        /failed to GET http:\/\/127\.0\.0\.1:1\/x: connection refused/,
      );
    });
  } finally {
    server.close();
  }
});

test('a refused import leaves nothing', async () => {
  // Only what the launcher needs: no xz and no bzip2.
  const bare = join(box.dir, 'bare');
  mkdirSync(bare);
  for (const name of ['node', 'sh', 'dirname', 'readlink']) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (stdout.startsWith('/')) symlinkSync(stdout.trim(), join(bare, name));
  }
  const unreadable = join(box.dir, 'broken.tar.xz');
  writeFileSync(unreadable, Buffer.from('fd377a585a0000', 'hex'));
  chmodSync(unreadable, 0o644);
  const cases: [args: string[], sentence: RegExp, input?: Buffer, path?: string][] = [
    [['import', '-'], /the input is not a tar archive, or it is damaged/, Buffer.from('garbage\n')],
    [['import', '-'], /the input is not a tar archive, or it is damaged/, Buffer.alloc(5000, 'x')],
    [['import', '-'], /the archive is truncated/, plain.subarray(0, 100_000)],
    [['import', '-'], /the archive is truncated/, gzipSync(plain).subarray(0, 100_000)],
    [
      ['import', unreadable],
      /the archive is compressed with xz, and the program xz to read it is not installed/,
      undefined,
      bare,
    ],
    [
      ['load', '-i', unreadable],
      /the archive is compressed with xz, and the program xz to read it is not installed/,
      undefined,
      bare,
    ],
    [['import', join(box.dir, 'none')], /^open \S+none: no such file or directory/],
    [['import', box.dir], /is a directory: import reads a tar archive/],
    [['import', '-c', 'RUN x', archive], /run is not a valid change command/],
    [['import', archive, 'UP'], /^invalid reference format/],
    [['import', '--platform', 'bogus', archive], /unknown operating system or architecture/],
  ];
  await box.leavesNothing(async () => {
    for (const [args, sentence, input, path] of cases) {
      await box.fails(args, 1, sentence, { input, env: path ? { PATH: path } : undefined });
    }
  });
  assert.equal(await box.ok(['images', '-f', 'dangling=true', '-q']), '');
});
