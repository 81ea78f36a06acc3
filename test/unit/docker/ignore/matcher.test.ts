import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMatcher, type MatchInfo } from '../../../../src/docker/ignore/matcher.ts';

/** Asks both ways, which must agree: the path alone, and on a walk from the top. */
function isMatched(patterns: string[], path: string): boolean {
  const matcher = createMatcher(patterns);
  const names = path.split('/');
  let info: MatchInfo | undefined;
  let matched = false;
  for (let depth = 1; depth <= names.length; depth++) {
    const result = matcher.matchesUsingParent(names.slice(0, depth).join('/'), info);
    ({ info, matched } = result);
  }
  assert.equal(matcher.matchesOrParentMatches(path), matched, `${patterns} ${path}: alone and on a walk`);
  return matched;
}

/** Patterns, separated by spaces; paths that they match; paths that they do not match. */
const table: [string, string[], string[]][] = [
  // Names.
  ['src', ['src', 'src/a', 'src/a/b'], ['srcs', 'a/src', 'sr']],
  ['src/a', ['src/a', 'src/a/b'], ['src', 'src/ab']],
  ['./src/../src//a/', ['src/a'], ['src']],
  ['/src', [], ['src']],
  ['a.b', ['a.b'], ['aXb']],
  ['a(b)c', ['a(b)c'], ['abc']],
  ['p-2.4+g08-none.whl', ['p-2.4+g08-none.whl'], ['p-24+g08-none.whl']],
  ['a{b|c', ['a{b|c'], ['c']],
  ['a^b', ['a^b'], []],
  ['.', [], ['a', 'a/b']],
  // One name.
  ['*', ['a', '.a', 'a/b/c'], []],
  ['*.go', ['a.go', '.go', 'a.go/b'], ['a/b.go', 'a.gox']],
  ['*/*.go', ['a/b.go'], ['b.go', 'a/b/c.go']],
  ['a/*', ['a/b', 'a/b/c'], ['a']],
  ['a*b', ['ab', 'axxb', 'a*b'], ['a/b', 'abc']],
  ['.*', ['.a', '.a/b'], ['a', 'a/.b']],
  ['a?b', ['axb', 'a☺b', 'a?b'], ['ab', 'a/b', 'axxb']],
  ['???', ['abc', 'a☺😀'], ['ab', 'abcd']],
  // Any number of names.
  ['**', ['a', 'a/b/c'], []],
  ['**/', ['a', 'a/b/c'], []],
  ['**/**', ['a', 'a/b/c'], []],
  ['**/a', ['a', 'b/a', 'b/c/a', 'b/a/c'], ['ba', 'b/ca', 'ab']],
  ['**a', ['a', 'ba', 'b/ca', 'b/a/c'], ['ab', 'b/ac']],
  ['**/a/b', ['a/b', 'c/a/b', 'd/c/a/b/e'], ['a', 'a/c/b']],
  ['**/*.txt', ['a.txt', 'b/a.txt', 'b/c/a.txt'], ['a.txtx', 'txt']],
  ['**/**/*.txt', ['a.txt', 'b/a.txt'], ['a.go']],
  ['**/.a', ['.a', 'b/.a'], ['b.a']],
  ['a/**', ['a/b', 'a/b/c'], ['a', 'ab']],
  ['a**', ['a', 'ab', 'a/b', 'ab/c'], ['ba']],
  ['a/**/b', ['a/b', 'a/c/b', 'a/c/d/b'], ['a', 'ab', 'a/cb']],
  ['a**/*.txt', ['a/b.txt', 'a/c/d/b.txt', 'ab.txt'], ['b.txt', 'ab/c.go']],
  ['**/b/*', ['b/a', 'a/b/c', 'a/b/c/d'], ['b', 'a/b']],
  ['**/b/**', ['b/a', 'a/b/c/d'], ['b', 'a/b', 'a/c']],
  ['***', ['a'], []],
  ['a/*.txt**', ['a/b.txt', 'a/b.txt.c/d'], ['a/b']],
  // Classes.
  ['a[b-d]e', ['abe', 'ade'], ['ae', 'aee', 'aBe']],
  ['a[^b-d]e', ['aze', 'a☺e', 'a/e'], ['ace', 'ae']],
  ['[ab][cd]', ['ac', 'bd'], ['ab']],
  ['[a-ζ]', ['α', 'b'], ['A', '😀']],
  ['[\\]a]', [']', 'a'], ['\\']],
  ['[a\\-z]', ['a', '-', 'z'], ['m']],
  ['[!a]', ['!', 'a'], ['b']],
  ['[.]a', ['.a'], ['xa']],
  ['[[:digit:]]x', ['1x'], [':x', 'dx']],
  // Escapes.
  ['a\\*b', ['a*b'], ['axb', 'ab']],
  ['a\\?', ['a?'], ['ab']],
  ['a\\\\', ['a\\'], ['a']],
  ['\\[a]', ['[a]'], ['a']],
  // What slips through the original's escaping where there is a wildcard.
  ['*a{2}', ['aa', 'baa'], ['a{2}', 'a']],
  ['*a{', ['a{', 'ba{'], ['a']],
  ['\\d?', ['1x', '12'], ['dx']],
  ['bin\\x64', ['bind'], ['bin\\x64', 'binx64']],
  ['a\\101[\\x{42}]', ['aAB'], ['aBB', 'aA']],
  ['\\pL[\\P{Greek}]', ['é1'], ['11', 'éα']],
  ['a\\Qx|y\\E?', ['ax|yz'], ['yz', 'ax']],
  ['a^b*', [], ['a^b', 'ab']],
  // The last that matches decides.
  ['docs !docs/README.md', ['docs', 'docs/a'], ['docs/README.md']],
  ['docs/* !docs/README.md', ['docs/a', 'docs/a/README.md'], ['docs', 'docs/README.md']],
  ['*.md !README*.md README-secret.md', ['a.md', 'README-secret.md'], ['README.md', 'README-x.md']],
  ['*.md README-secret.md !README*.md', ['a.md'], ['README-secret.md']],
  ['!a.go *.go', ['a.go'], []],
  ['!a', [], ['a', 'b']],
  ['** !util/web', ['a', 'util', 'util/x'], ['util/web', 'util/web/a']],
  ['** !util/web util/web/foo', ['util/web/foo', 'util/web/foo/a'], ['util/web/b']],
  ['a !a/b a/b/c !a/b/c/d', ['a', 'a/b/c', 'a/b/c/e'], ['a/b', 'a/b/c/d', 'a/b/c/d/e']],
  ['a/b !a a/b', ['a/b'], ['a', 'a/c']],
  ['* !**/keep', ['a', 'a/b'], ['keep', 'a/keep', 'a/keep/b']],
  ['', [], ['a']],
];

describe('patterns of .dockerignore', () => {
  for (const [patterns, matched, others] of table) {
    test(patterns || '(none)', () => {
      for (const path of matched) assert.equal(isMatched(patterns.split(' '), path), true, path);
      for (const path of others) assert.equal(isMatched(patterns.split(' '), path), false, path);
    });
  }

  test('a byte that is no UTF-8 is one character', () => {
    assert.equal(isMatched(['a?'], 'a\uDCFF'), true);
    assert.equal(isMatched(['a\uDCFF'], 'a\uDCFF'), true);
    assert.equal(isMatched(['a\uDCFE'], 'a\uDCFF'), false);
  });

  test('white space around a pattern is no part of it, nor is an empty one a pattern', () => {
    assert.equal(isMatched(['  \t', ' a\u0085'], 'a'), true);
    assert.equal(createMatcher(['', ' ', 'a']).patterns.length, 1);
  });

  test('what an exclusion is', () => {
    const { patterns, exclusions } = createMatcher(['a', '!b//c/']);
    assert.equal(exclusions, true);
    assert.deepEqual(
      patterns.map(({ text, exclusion }) => ({ text, exclusion })),
      [
        { text: 'a', exclusion: false },
        { text: 'b/c', exclusion: true },
      ],
    );
  });

  test('an exclusion of nothing is refused', () => {
    for (const pattern of ['!', ' ! ', '!/']) {
      assert.throws(() => createMatcher(['a', pattern]), /^Error: illegal exclusion pattern: "!"$/);
    }
  });

  test('patterns that are none are refused', () => {
    for (const pattern of [
      '[',
      '[]a]',
      '[a',
      '[^',
      '[-]',
      '[x-]',
      '[-x]',
      '[a-b-c]',
      'a[',
      '\\',
      '**/a\\',
      '\\8',
      '\\1x',
    ]) {
      assert.throws(
        () => createMatcher([pattern]).matchesOrParentMatches('a'),
        /^Error: syntax error in pattern$/,
        pattern,
      );
    }
  });

  test('some of them only when they are looked at', () => {
    const matcher = createMatcher(['x', '!a*[']);
    assert.equal(matcher.matchesOrParentMatches('b'), false);
    assert.throws(() => matcher.matchesOrParentMatches('x'), /syntax error in pattern/);
    assert.throws(() => matcher.matchesOrParentMatches('x'), /syntax error in pattern/);
  });
});
