import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchGlob } from '../../../../src/docker/ignore/glob.ts';

/** Pattern, names that match, names that do not. */
const table: [string, string[], string[]][] = [
  ['', [''], ['a']],
  ['abc', ['abc'], ['ab', 'abcd', '']],
  ['*', ['', 'abc', '☺'], ['a/b']],
  ['*c', ['c', 'abc', 'cc'], ['ab', 'a/c']],
  ['a*', ['a', 'abc'], ['ba', 'ab/c']],
  ['a*/b', ['a/b', 'abc/b'], ['a/c/b']],
  ['a*b*c*d*e*/f', ['axbxcxdxe/f', 'axbxcxdxexxx/f'], ['axbxcxdxe/xxx/f', 'axbxcxdxexxx/fff']],
  ['a*b?c*x', ['abxbbxdbxebxczzx'], ['abxbbxdbxebxczzy']],
  ['**', ['abc'], ['a/b']],
  ['a?b', ['axb', 'a☺b'], ['a/b', 'ab']],
  ['ab[c]', ['abc'], ['abd', 'ab']],
  ['ab[^c]', ['abd'], ['abc', 'ab']],
  ['[a-z]*[0-9]', ['a1', 'ax9'], ['1a', 'a']],
  ['[\\]a]', [']', 'a'], ['b']],
  ['[*]', ['*'], ['a']],
  ['a\\*b', ['a*b'], ['axb']],
];

for (const [pattern, matched, others] of table) {
  test(`glob ${pattern}`, () => {
    for (const name of matched) assert.equal(matchGlob(pattern, name), true, name);
    for (const name of others) assert.equal(matchGlob(pattern, name), false, name);
  });
}

test('globs that are none', () => {
  for (const pattern of ['[', 'a[', '[^', '[]', '[a-', '[a-]', '\\', 'a\\']) {
    assert.throws(() => matchGlob(pattern, 'a'), /syntax error in pattern/, pattern);
  }
});

test('the part of a glob that decides nothing is not looked at', () => assert.equal(matchGlob('a*[', 'b'), false));
