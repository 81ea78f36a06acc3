import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectBuildKit } from '../../src/buildkit/client.ts';
import { type FileOutput, fileSendService } from '../../src/buildkit/services/file-send.ts';
import { fileSyncService } from '../../src/buildkit/services/file-sync.ts';
import type { HostHelper } from '../../src/host/helper.ts';
import { startHostHelper } from '../../src/host/helper-process.ts';
import { writeStream } from '../../src/host/write-stream.ts';
import { hostileTree, xattrsOf } from '../contract/buildkit/hostile-tree.ts';
import { nativeProgram } from '../contract/monitor/program.ts';
import { openBox, temporaryDir } from '../harness/box.ts';
import { lacksBuildx } from '../harness/buildkit.ts';

const box = openBox(import.meta.url);
const skip = lacksBuildx();

let host: HostHelper;

/** Our transfer of files alone: no frontend attribute but the name of the Dockerfile, no cache of results. */
async function build(context: string, output: FileOutput, exporter: string): Promise<void> {
  const { address } = await box.buildkit();
  const buildkit = connectBuildKit({ address });
  try {
    const dirs = { context: { path: context }, dockerfile: { path: context } };
    const handlers = new Map([...fileSyncService(dirs, host), ...fileSendService([output], host)]);
    const session = await buildkit.openSession({ sharedKey: `${context}:ours`, handlers });
    const exported = { Type: exporter, Attrs: {} };
    const Ref = `ours${process.hrtime.bigint()}`;
    const frontend = { Frontend: 'dockerfile.v0', FrontendAttrs: { filename: 'Dockerfile' } };
    const request = { Ref, Session: session.id, ...frontend, Exporters: [exported] };
    await buildkit.solve({ ...request, ExporterDeprecated: exporter, ExporterAttrsDeprecated: {} });
    await session.close();
  } finally {
    buildkit.close();
  }
}

async function buildWithDocker(context: string, output: string): Promise<void> {
  const built = await (await box.buildkit()).buildx(['build', '--no-cache', '--output', output, context]);
  assert.equal(built.code, 0, built.stderr);
}

/** Owners are those of who runs the test, in both. */
function listing(dir: string): string[] {
  const format = '%P %y %m %U:%G %n %l %s\\0';
  const found = execFileSync('find', [dir, '-mindepth', '1', '-printf', format], { encoding: 'latin1' });
  const times = execFileSync('find', [dir, '-mindepth', '1', '-printf', '%P %T@\\0'], { encoding: 'latin1' });
  const sums = execFileSync('sh', ['-c', 'find . -type f -exec cksum {} +'], { cwd: dir, encoding: 'latin1' });
  // The size of a directory is the file system's.
  const lines = found.split('\0').map((line) => (/ d \d+ /.test(line) ? line.replace(/\d+$/, '') : line));
  return [...lines, ...times.split('\0'), ...sums.split('\n')].sort();
}

describe('files of a build, by docker-buildx and by us', { skip }, () => {
  before(() => {
    host = startHostHelper(nativeProgram());
  });
  after(() => host.close());

  test('of a hostile tree, exported to a directory and to an archive', async (t) => {
    const tree = await hostileTree(host);
    t.after(tree.remove);
    writeFileSync(join(tree.dir, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
    const [theirs, ours] = [temporaryDir(box), temporaryDir(box)];
    for (let round = 0; round < 2; round++) {
      await buildWithDocker(tree.dir, theirs);
      await build(tree.dir, { id: 0, kind: 'local', dir: ours }, 'local');
      // The second time docker's client leaves directories as old as what it has put into them.
      const timeless = (line: string) => round === 0 || !/ \d+\.\d{10}$/.test(line);
      assert.deepEqual(listing(ours).filter(timeless), listing(theirs).filter(timeless));
    }
    const kept = await xattrsOf(host, theirs);
    assert.deepEqual(await xattrsOf(host, ours), kept);
    t.diagnostic(`${kept.length} extended attributes`);
    await buildWithDocker(tree.dir, `type=tar,dest=${theirs}.tar`);
    const sink = (chunks: AsyncIterable<Uint8Array>) => writeStream(`${ours}.tar`, chunks);
    await build(tree.dir, { id: 0, kind: 'file', sink }, 'tar');
    const list = (archive: string) => execFileSync('tar', ['-tvf', archive, '--full-time'], { encoding: 'latin1' });
    assert.equal(list(`${ours}.tar`), list(`${theirs}.tar`));
    for (const dir of [theirs, ours]) rmSync(`${dir}.tar`);
  });

  const ignored: [string, string][] = [
    ['names', 'docs\n/src/a\n*.md\n'],
    ['exclusions', '*\n!docs\n!src/**/b.txt\ndocs/a\n!docs/a/c.md\n'],
    ['any depth', '**/*.txt\n**/x\n# docs\n  a-b  \n'],
    ['classes and escapes', 'src/[a-m]\nstar\\*\nd?cs/[^a]*\n'],
    ['an exclusion below what is left out', 'docs\nsrc\n!src/a/deep/er/file\n'],
    ['what a pattern should not mean', 'a|src\n?o{2}\n*o{1}\n'],
    ['the Dockerfile and the ignore file themselves', '.dockerignore\nDockerfile\nsrc\n'],
  ];
  for (const [name, patterns] of ignored) {
    test(`with an ignore file of ${name}`, async () => {
      const context = temporaryDir(box);
      const paths = [
        'a',
        'a-b',
        'oo',
        'star*',
        'docs/a/c.md',
        'docs/a/d.md',
        'docs/b.txt',
        'README.md',
        'src/a/deep/er/file',
      ];
      for (const path of [...paths, 'src/a/b.txt', 'src/x/b.txt', 'src/x/y']) {
        mkdirSync(join(context, path, '..'), { recursive: true });
        writeFileSync(join(context, path), path);
      }
      writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
      writeFileSync(join(context, '.dockerignore'), patterns);
      const [theirs, ours] = [temporaryDir(box), temporaryDir(box)];
      await Promise.all([
        buildWithDocker(context, theirs),
        build(context, { id: 0, kind: 'local', dir: ours }, 'local'),
      ]);
      assert.deepEqual(listing(ours), listing(theirs));
    });
  }
});
