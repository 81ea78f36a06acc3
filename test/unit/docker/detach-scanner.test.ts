import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { detachScanner, parseDetachKeys } from '../../../src/docker/flags/detach-keys.ts';

describe('detachScanner, keys ^P^Q', () => {
  const cases: [name: string, chunks: string[], data: string, detached: boolean][] = [
    ['nothing special', ['abc'], 'abc', false],
    ['in one chunk', ['ab\x10\x11cd'], 'ab', true],
    ['over two chunks', ['ab\x10', '\x11'], 'ab', true],
    ['only the first', ['\x10', 'x'], '\x10x', false],
    ['the first twice', ['\x10\x10', '\x11'], '\x10', true],
    ['only the second', ['\x11'], '\x11', false],
    ['held back', ['a\x10'], 'a', false],
  ];
  for (const [name, chunks, data, detached] of cases)
    test(name, () => {
      const scan = detachScanner(parseDetachKeys(''));
      const results = chunks.map((c) => scan(Buffer.from(c)));
      assert.equal(results.map((r) => Buffer.from(r.data).toString()).join(''), data);
      assert.equal(results.at(-1)?.detached, detached);
    });
});
