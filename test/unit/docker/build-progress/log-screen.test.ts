import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newLogScreen } from '../../../../src/docker/build-progress/log-screen.ts';

/** What a screen of three lines of ten cells shows. */
function shown(...parts: (string | Uint8Array)[]): string[] {
  const screen = newLogScreen(10, 3);
  for (const part of parts) screen.write(Buffer.from(part));
  return screen.lines();
}

describe('the end of a log on a screen', () => {
  const table: [string, (string | Uint8Array)[], string[]][] = [
    ['the last lines', ['1\n2\n3\n4\n'], ['2', '3', '4']],
    ['no empty lines', ['1\n\n\n2\n\n3'], ['2', '3']],
    ['long lines are wrapped', ['abcdefghijkl\nx'], ['abcdefghij', 'kl', 'x']],
    ['a bar is drawn over itself', ['10%\r20%', '\r', '100%'], ['100%']],
    ['part of a line is overwritten', ['abcdef\rXY'], ['XYcdef']],
    ['backspace and tab', ['ab\bc\td'], ['ac      d']],
    ['colours are dropped', ['\x1b[1;31mred\x1b[0m \x1b[38;5;3mx\x1b[m'], ['red x']],
    ['erase to the end of the line', ['abcdef\r\x1b[2C\x1b[K'], ['ab']],
    ['erase the line', ['abc\n\x1b[Aabcdef\x1b[2Kx'], ['      x']],
    ['up and rewrite', ['a\nb\nc\x1b[2A\rX\x1b[1BY'], ['X', 'bY', 'c']],
    ['go to a place', ['a\nb\x1b[1;5Hx\x1b[3Gy'], ['a y x', 'b']],
    ['erase the screen', ['a\nb\nc\x1b[2J\x1b[Hz'], ['z']],
    ['save and restore', ['ab\x1b7cd\x1b8X\x1b[sYZ\x1b[uQ'], ['abXQZ']],
    ['a title is nothing', ['\x1b]0;title\x07a\x1b]8;;url\x1b\\b\x1b(Bc'], ['abc']],
    ['a sequence in two messages', ['a\x1b[', '1', 'mb'], ['ab']],
    ['a character in two messages', [Buffer.from([0xc3]), Buffer.from([0xa9])], ['é']],
    ['what is no UTF-8', [Buffer.from([0x61, 0xff, 0x62])], ['a\ufffdb']],
    ['wide characters take two cells', ['漢字漢字漢字'], ['漢字漢字漢', '字']],
    ['a sequence without end', [`a\x1b[${'1'.repeat(100)}`], ['1111111111', '1111111111', '11']],
    ['many lines at once', ['0', '1\n2\n3\n4\n5\n6'], ['4', '5', '6']],
    ['many lines at once, and a newline', ['0', '1\n2\n3\n4\n5\n6\n', '7'], ['5', '6', '7']],
    ['many lines that end in empty ones', ['0', '1\n2\n3\n4\n5\n6\n\n\n'], ['4', '5', '6']],
    ['many lines and a cursor', ['0', '1\n2\n3\n4\n5\n6\x1b[2AX'], ['4X', '5', '6']],
    ['other control characters', ['a\x00\x07\x7fb'], ['ab']],
  ];
  for (const [name, parts, lines] of table) it(name, () => assert.deepEqual(shown(...parts).slice(-3), lines));

  it('keeps its end when it gets smaller', () => {
    const screen = newLogScreen(10, 3);
    screen.write(Buffer.from('one\ntwo\nthree-four'));
    screen.resize(2, 8);
    assert.deepEqual(screen.lines(), ['two', 'three-fo']);
    screen.write(Buffer.from('\nx'));
    assert.deepEqual(screen.lines(), ['three-fo', 'x']);
    screen.resize(4, 20);
    screen.write(Buffer.from('\ny\nz'));
    assert.deepEqual(screen.lines(), ['three-fo', 'x', 'y', 'z']);
  });
});
