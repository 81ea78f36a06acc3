import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfText, textOfBytes } from '../../../src/docker/values/byte-text.ts';

const table: [string, number[], string][] = [
  ['ASCII', [0x61, 0x2f, 0x62], 'a/b'],
  ['UTF-8', [...Buffer.from('é☺😀\uFEFF\uFFFD')], 'é☺😀\uFEFF\uFFFD'],
  ['Latin-1', [0x61, 0xe9], 'a\uDCE9'],
  ['a stray continuation', [0x80, 0x61], '\uDC80a'],
  ['a cut sequence', [0xf0, 0x9f, 0x98], '\uDCF0\uDC9F\uDC98'],
  ['a cut sequence before another', [0xe2, 0x98, 0xc3, 0xa9], '\uDCE2\uDC98é'],
  ['an overlong one', [0xc0, 0xaf], '\uDCC0\uDCAF'],
  ['a surrogate in UTF-8', [0xed, 0xb2, 0x80], '\uDCED\uDCB2\uDC80'],
  ['past the last character', [0xf5, 0x80, 0x80, 0x80], '\uDCF5\uDC80\uDC80\uDC80'],
];

for (const [name, bytes, text] of table) {
  test(`bytes as text and back: ${name}`, () => {
    const raw = Buffer.from(bytes).toString('latin1');
    assert.equal(textOfBytes(raw), text);
    assert.equal(bytesOfText(text), raw);
  });
}
