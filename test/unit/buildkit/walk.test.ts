import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { directoryTree } from '../../../src/buildkit/fsutil/directory.ts';
import { followPaths } from '../../../src/buildkit/fsutil/follow.ts';
import { GoMode } from '../../../src/buildkit/fsutil/stat.ts';
import { makeTree, shown, temporaryDirectory, unprivileged, walked } from './temporary-tree.ts';

const NOTHING = { includes: [], excludes: [], follow: [] };

const tree = [
  'README.md',
  'a-b',
  'docs/README.md',
  'docs/a/b.txt',
  'docs/a/c.md',
  'docs/d.txt',
  'src/a/b.txt',
  'src/x/',
];

/** Includes; excludes; what is sent. All separated by spaces. */
const filters: [string, string, string][] = [
  [
    '',
    '',
    'README.md a-b docs/ docs/README.md docs/a/ docs/a/b.txt docs/a/c.md docs/d.txt src/ src/a/ src/a/b.txt src/x/',
  ],
  ['docs/a', '', 'docs/ docs/a/ docs/a/b.txt docs/a/c.md'],
  ['**/b.txt', '', 'docs/ docs/a/ docs/a/b.txt src/ src/a/ src/a/b.txt'],
  ['*/a/*.md', '', 'docs/ docs/a/ docs/a/c.md'],
  ['docs/z*', '', ''],
  ['src/*', '', 'src/ src/a/ src/a/b.txt src/x/'],
  ['src', 'src/*', 'src/'],
  ['', 'docs', 'README.md a-b src/ src/a/ src/a/b.txt src/x/'],
  ['', '**/*.md', 'a-b docs/ docs/a/ docs/a/b.txt docs/d.txt src/ src/a/ src/a/b.txt src/x/'],
  ['', '* !docs/a', 'docs/ docs/a/ docs/a/b.txt docs/a/c.md'],
  ['', '* !docs/a/*', 'docs/ docs/a/ docs/a/b.txt docs/a/c.md'],
  ['', 'docs !docs/a/b.txt a-b src', 'README.md docs/ docs/a/ docs/a/b.txt'],
  ['', '* !**/b.txt', 'docs/ docs/a/ docs/a/b.txt src/ src/a/ src/a/b.txt'],
  ['docs', '**/a !docs/a/c.md', 'docs/ docs/README.md docs/a/ docs/a/c.md docs/d.txt'],
  ['docs !docs/a', '', 'docs/ docs/README.md docs/d.txt'],
];

describe('a walk', () => {
  for (const [includes, excludes, sent] of filters) {
    test(`includes [${includes}], excludes [${excludes}]`, async (t) => {
      const dir = temporaryDirectory(t);
      makeTree(dir, tree);
      const words = (text: string) => text.split(' ').filter((word) => word !== '');
      const found = await walked(dir, { includes: words(includes), excludes: words(excludes) });
      assert.deepEqual(found.map(shown), words(sent));
    });
  }

  test('goes by the bytes of names, depth first', async (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['\u{1F600}', '\uFFFF', 'é', 'z', 'a/b', 'a b', 'a-', 'a.', 'A', 'a/a/c']);
    const names = ['A', 'a/', 'a/a/', 'a/a/c', 'a/b', 'a b', 'a-', 'a.', 'z', 'é', '\uFFFF', '\u{1F600}'];
    assert.deepEqual((await walked(dir)).map(shown), names);
  });

  test('keeps names that are no UTF-8', async (t) => {
    const dir = temporaryDirectory(t);
    mkdirSync(Buffer.concat([Buffer.from(`${dir}/d`), Buffer.of(0xff)]));
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/d`), Buffer.of(0xff), Buffer.from('/f'), Buffer.of(0x80)]), '');
    assert.deepEqual(
      (await walked(dir)).map(({ path }) => path),
      ['d\xff', 'd\xff/f\x80'],
    );
    assert.equal((await walked(dir, { includes: ['d\uDCFF/f?'] })).length, 2);
    assert.equal((await walked(dir, { excludes: ['d\uDCFE'] })).length, 2);
  });

  test('hard links lead to the first name that is sent', async (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['b/x', 'a/1 = b/x', 'a/2 = b/x', 'c = b/x']);
    assert.deepEqual((await walked(dir)).map(shown), ['a/', 'a/1', 'a/2 = a/1', 'b/', 'b/x = a/1', 'c = a/1']);
    assert.deepEqual((await walked(dir, { excludes: ['a/1'] })).map(shown), [
      'a/',
      'a/2',
      'b/',
      'b/x = a/2',
      'c = a/2',
    ]);
    assert.deepEqual((await walked(dir, { includes: ['c'] })).map(shown), ['c']);
  });

  test('modes, sizes and times', async (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['dir/', 'file', 'link -> dir/../nowhere']);
    chmodSync(join(dir, 'dir'), 0o1775);
    chmodSync(join(dir, 'file'), 0o4711);
    utimesSync(join(dir, 'file'), 0, new Date(-5000));
    const [directory, file, link] = await walked(dir);
    assert.equal(directory?.mode, (GoMode.DIR | GoMode.STICKY | 0o775) >>> 0);
    assert.equal(directory?.size, 0);
    assert.equal(file?.mode, GoMode.SETUID | 0o711);
    assert.deepEqual([file?.size, file?.modTime], [4, -5_000_000_000n]);
    assert.deepEqual([link?.linkname, link?.size], ['dir/../nowhere', 14]);
  });

  test('a socket is an empty file', async (t) => {
    const dir = temporaryDirectory(t);
    const server = createServer().listen(join(dir, 'socket'));
    t.after(() => server.close());
    await new Promise((resolve) => server.on('listening', resolve));
    const [socket] = await walked(dir);
    assert.deepEqual([socket?.mode, socket?.size], [(socket?.mode ?? 0) & 0o777, 0]);
  });

  test('what vanishes meanwhile is left out', async (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['a', 'b', 'c/d', 'e']);
    const found: string[] = [];
    const remove = () => {
      rmSync(join(dir, 'b'), { force: true });
      rmSync(join(dir, 'c'), { recursive: true, force: true });
      return undefined;
    };
    await directoryTree(dir, NOTHING).walk((stat) => void found.push(shown(stat)), remove);
    assert.deepEqual(found, ['a', 'e']);
  });

  test('a directory that may not be read is an error, unless it is left out', async (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['a', 'closed/b']);
    chmodSync(join(dir, 'closed'), 0);
    const closed = `open ${dir}/closed: permission denied`;
    await unprivileged(dir, () => assert.rejects(walked(dir), { message: closed }));
    assert.deepEqual((await unprivileged(dir, () => walked(dir, { excludes: ['closed'] }))).map(shown), ['a']);
    const partly = { excludes: ['closed', '!closed/b'] };
    await unprivileged(dir, () => assert.rejects(walked(dir, partly), { message: closed }));
    chmodSync(join(dir, 'closed'), 0o700);
  });

  test('what is no directory, and patterns that are none', (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['a']);
    const fails =
      (path: string, selection = NOTHING) =>
      () =>
        directoryTree(path, selection);
    assert.throws(fails(join(dir, 'é')), { message: `resolve ${dir}/é: no such file or directory` });
    assert.throws(fails(join(dir, 'a')), { message: `resolve ${dir}/a: not a directory` });
    assert.throws(fails(dir, { ...NOTHING, excludes: ['a', '!'] as never }), {
      message: 'invalid excludepatterns: [a !]: illegal exclusion pattern: "!"',
    });
    assert.throws(fails(dir, { ...NOTHING, includes: ['['] as never }), {
      message: 'invalid includepatterns: [[]: syntax error in pattern',
    });
  });
});

describe('followed paths', () => {
  /** Tree; paths; what they lead to, undefined for everything. */
  const table: [string[], string[], string[] | undefined][] = [
    [[], ['a/b', '/c/', 'a'], ['a', 'c']],
    [[], ['.'], undefined],
    [[], ['a', '/'], undefined],
    [
      ['dir/file', 'dir/l1 -> file', 'l2 -> dir/l1', 'x'],
      ['l2', 'x'],
      ['dir/file', 'dir/l1', 'l2', 'x'],
    ],
    [
      ['l1 -> l1', 'l2 -> l3', 'l3 -> l2'],
      ['l1', 'l3'],
      ['l1', 'l2', 'l3'],
    ],
    [['dir/l -> /foo/bar/baz', 'foo/bar -> ../', 'baz'], ['dir/l'], ['baz', 'dir/l', 'foo/bar']],
    [['dir/l -> /foo/bar/baz', 'foo/bar -> ../../../', 'baz'], ['dir/l'], ['baz', 'dir/l', 'foo/bar']],
    [['up -> ../../etc/passwd'], ['up'], ['etc/passwd', 'up']],
    [['l -> .', 'a'], ['l'], undefined],
    [['l -> d', 'd/a'], ['l/a'], ['d/a', 'l']],
    [['d/l1 -> /f/1', 'd/l2 -> /f/2', 'd/x -> /f/3', 'f/2 -> ../z'], ['d/l*'], ['d/l*', 'f/1', 'f/2', 'z']],
    [['d/a', 'e/l -> ../d'], ['*/l'], ['*/l']],
    [
      ['d/l -> ../x', 'e/y'],
      ['*/l/[]', 'e\\*'],
      ['*/l/[]', 'e\\*'],
    ],
    [[], ['f*/a/t*', '../x'], ['../x', 'f*/a/t*']],
    [['file'], ['file/a'], ['file/a']],
  ];
  for (const [entries, paths, found] of table) {
    test(`[${paths}] in [${entries}]`, (t) => {
      const dir = temporaryDirectory(t);
      makeTree(dir, entries);
      assert.deepEqual(followPaths(dir, paths), found);
    });
  }

  test('are sent together with the includes', async (t) => {
    const dir = temporaryDirectory(t);
    makeTree(dir, ['a', 'b', 'c -> b', 'd/e']);
    assert.deepEqual((await walked(dir, { follow: ['c'] })).map(shown), ['b', 'c -> b']);
    assert.deepEqual((await walked(dir, { follow: ['c'], includes: ['a'] })).map(shown), ['a', 'b', 'c -> b']);
    assert.deepEqual((await walked(dir, { follow: ['.'], includes: ['a'] })).map(shown), ['a']);
    assert.equal((await walked(dir, { follow: ['.'] })).length, 5);
  });
});
