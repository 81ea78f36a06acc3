import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIgnoreFile } from '../../../../src/docker/ignore/ignore-file.ts';

const table: [string, string, string[]][] = [
  ['nothing', '', []],
  ['lines', 'a\nb\n', ['a', 'b']],
  ['no newline at the end', 'a\nb', ['a', 'b']],
  ['CRLF', 'a\r\n# c\r\n\r\nb\r\n', ['a', 'b']],
  ['a byte order mark', '\uFEFFa\n', ['a']],
  ['a comment after a byte order mark', '\uFEFF# a\nb', ['b']],
  ['a byte order mark elsewhere', 'a\n\uFEFFb', ['a', '\uFEFFb']],
  ['comments', '# a\n#\nb #c\n #d\n\\#e', ['b #c', '#d', '\\#e']],
  ['white space', ' a \n\t\n\u00a0b\u2003\n c d ', ['a', 'b', 'c d']],
  ['a leading slash', '/a\n/a/b\n//c\n/\n/../d', ['a', 'a/b', 'c', '/', 'd']],
  ['unclean paths', 'a/\n./b\nc//d\ne/../f\n../g\n.', ['a', 'b', 'c/d', 'f', '../g', '.']],
  ['wildcards', '*\n**/\n**/*.go\na/**', ['*', '**', '**/*.go', 'a/**']],
  ['exclusions', '!a\n! /b/\n!\n! \n!!c', ['!a', '!b', '!', '!', '!!c']],
];

for (const [name, text, patterns] of table) {
  test(`.dockerignore: ${name}`, () => assert.deepEqual(readIgnoreFile(text), patterns));
}
