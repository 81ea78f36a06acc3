import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseName, keepEnding, parseCopyEnd, planCopy, renamed, splitEntry } from '../../../src/docker/copy-paths.ts';

test('what is in a container and what is here', () => {
  for (const [argument, container, path] of [
    ['c:/x', 'c', '/x'],
    ['c:x:y', 'c', 'x:y'],
    ['c:', 'c', ''],
    [':/x', '', '/x'],
    ['/a:b', undefined, '/a:b'],
    ['./a:b', undefined, './a:b'],
    ['.hidden:b', undefined, '.hidden:b'],
    ['-', undefined, '-'],
    ['plain', undefined, 'plain'],
  ] as const) {
    assert.deepEqual(parseCopyEnd(argument), container === undefined ? { path } : { container, path }, argument);
  }
});

test('names, directories and endings of paths', () => {
  for (const [path, base, dir, name] of [
    ['/a/b', 'b', '/a', 'b'],
    ['/a/b/', 'b', '/a', 'b'],
    ['/a/b/.', '.', '/a/b', '.'],
    ['/', '/', '/', '/'],
    ['', '.', '.', '.'],
    ['.', '.', '.', '.'],
    ['x', 'x', '.', 'x'],
  ] as const) {
    assert.equal(baseName(path), base, path);
    assert.deepEqual(splitEntry(path), { dir, base: name }, path);
  }
  assert.equal(keepEnding('/w/a', 'a/'), '/w/a/');
  assert.equal(keepEnding('/w/a', 'a/.'), '/w/a/.');
  assert.equal(keepEnding('/w', '.'), '/w/.');
  assert.equal(keepEnding('/', '/'), '/');
  assert.deepEqual(renamed('/a/link', '/b/target'), { path: '/b/target', rename: 'link' });
  assert.deepEqual(renamed('/a/link/.', '/b/target'), { path: '/b/target/.' });
  assert.deepEqual(renamed('/a/link/', '/b/target'), { path: '/b/target/', rename: 'link' });
});

test('where an archive goes, and under which name', () => {
  const file = { path: '/w/f', exists: true, isDirectory: false };
  const directory = { path: '/w/d', exists: true, isDirectory: true };
  const content = { ...directory, path: '/w/d/.' };
  const linked = { ...directory, rename: 'link' };
  const there = { path: '/t', exists: true, isDirectory: true };
  const taken = { path: '/t/x', exists: true, isDirectory: false };
  const fresh = { path: '/t/new', exists: false, isDirectory: false };
  const freshDirectory = { ...fresh, path: '/t/new/' };
  for (const [source, destination, dir, name] of [
    [file, there, '/t', 'f'],
    [directory, there, '/t', 'd'],
    [content, there, '/t', '.'],
    [linked, there, '/t', 'link'],
    [file, taken, '/t', 'x'],
    [file, fresh, '/t', 'new'],
    [directory, fresh, '/t', 'new'],
    [content, freshDirectory, '/t', 'new'],
  ] as const) {
    assert.deepEqual(planCopy(source, destination), { dir, name }, `${source.path} to ${destination.path}`);
  }
  assert.throws(() => planCopy(directory, taken), /^Error: cannot copy directory$/);
  assert.throws(() => planCopy(file, freshDirectory), /^Error: no such directory$/);
  assert.throws(() => planCopy(file, { ...fresh, path: '' }), /^Error: no such directory$/);
});
