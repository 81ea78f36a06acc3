import { cellWidth } from './cells.ts';

/**
 * The end of a step's output as a terminal of a few lines would show it: programs that draw progress bars move the cursor
 * and rewrite lines. Colours are dropped.
 */
export interface LogScreen {
  write(data: Uint8Array): void;
  resize(rows: number, columns: number): void;
  /** Without the empty ones. */
  lines(): string[];
  /** Bytes written so far. */
  readonly size: number;
  /** How often it has been on display. */
  shown: number;
}

/** The cells of a line; the second cell of a wide character is empty. */
type Line = string[];

const tabWidth = 8;
const narrowest = 6;
/** An escape sequence that is longer than this never ends. */
const longestEscape = 64;

const escapeSequence =
  /^\x1b(?:\[([0-9;:?<=>]*)[ -/]*([@-~])|\]([^\x07\x1b]*)(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]+[0-~]|([0-Z\\`-~]))/;

export function newLogScreen(columns: number, rows = 6): LogScreen {
  const decoder = new TextDecoder();
  let lines: Line[] = Array.from({ length: rows }, () => []);
  let height = rows;
  let width = Math.max(narrowest, columns);
  let [x, y] = [0, 0];
  let saved: [number, number] = [0, 0];
  let pending = '';
  let size = 0;

  const put = (char: string): void => {
    const cells = cellWidth(char);
    if (cells === 0) return;
    if (x + cells > width) [x, y] = [0, y + 1];
    scroll();
    const line = lines[y]!;
    while (line.length < x) line.push(' ');
    line.splice(x, cells, char, ...Array<string>(cells - 1).fill(''));
    x += cells;
  };
  const scroll = (): void => {
    while (y >= height) {
      lines.push([]);
      lines.shift();
      y--;
    }
  };
  const moveTo = (column: number, row: number): void => {
    x = Math.max(0, Math.min(column, width - 1));
    y = Math.max(0, Math.min(row, height - 1));
  };
  const control = (code: string): void => {
    if (code === '\n') [x, y] = [0, y + 1];
    else if (code === '\r') x = 0;
    else if (code === '\b') x = Math.max(0, x - 1);
    else if (code === '\t') x = Math.min(width - 1, (Math.floor(x / tabWidth) + 1) * tabWidth);
  };
  const eraseLine = (how: number): void => {
    const line = lines[y];
    if (!line) return;
    if (how === 0) line.length = Math.min(line.length, x);
    else line.fill(' ', 0, how === 1 ? x + 1 : line.length);
  };
  const eraseScreen = (how: number): void => {
    lines.forEach((line, row) => {
      if (how === 2 || how === 3 || (how === 0 ? row > y : row < y)) line.length = 0;
    });
    eraseLine(Math.min(how, 2));
  };
  const command = (parameters: string, final: string): void => {
    const numbers = parameters.split(';').map((text) => (/^\d+$/.test(text) ? Number(text) : undefined));
    const count = Math.max(1, numbers[0] ?? 1);
    if (final === 'A') moveTo(x, y - count);
    else if (final === 'B') moveTo(x, y + count);
    else if (final === 'C') moveTo(x + count, y);
    else if (final === 'D') moveTo(x - count, y);
    else if (final === 'G') moveTo(count - 1, y);
    else if (final === 'H' || final === 'f') moveTo((numbers[1] ?? 1) - 1, (numbers[0] ?? 1) - 1);
    else if (final === 'J') eraseScreen(numbers[0] ?? 0);
    else if (final === 'K') eraseLine(numbers[0] ?? 0);
    else if (final === 's') saved = [x, y];
    else if (final === 'u') [x, y] = saved;
  };

  return {
    shown: 0,
    get size() {
      return size;
    },
    write(data) {
      size += data.length;
      const seen = pending === '' ? lastLines(data, height) : data;
      // What is passed over would have scrolled off.
      if (seen.length < data.length) control('\n');
      let text = pending + decoder.decode(seen, { stream: true });
      pending = '';
      while (text !== '') {
        const plain = /^[^\x00-\x1f\x7f]+/.exec(text)?.[0];
        if (plain !== undefined) {
          for (const char of plain) put(char);
          text = text.slice(plain.length);
          continue;
        }
        const match = text[0] === '\x1b' ? escapeSequence.exec(text) : undefined;
        if (match) {
          if (match[2] !== undefined) command(match[1] ?? '', match[2]);
          else if (match[4] === '7') saved = [x, y];
          else if (match[4] === '8') [x, y] = saved;
          text = text.slice(match[0].length);
        } else if (text[0] === '\x1b' && text.length < longestEscape) {
          pending = text;
          return;
        } else {
          control(text[0]!);
          text = text.slice(1);
        }
      }
    },
    resize(newRows, newColumns) {
      width = Math.max(narrowest, newColumns);
      lines = [...lines, ...Array.from({ length: Math.max(0, newRows - height) }, (): Line => [])];
      while (lines.length > newRows) {
        if (y >= newRows || lines.at(-1)!.length > 0) {
          lines.shift();
          y = Math.max(0, y - 1);
        } else {
          lines.pop();
        }
      }
      height = newRows;
      for (const line of lines) line.length = Math.min(line.length, width);
      x = Math.min(x, width);
    },
    lines: () => lines.map((line) => line.join('').trimEnd()).filter((line) => line !== ''),
  };
}

/** The end of a long message, so many lines of it; all of one that may move the cursor. */
function lastLines(data: Uint8Array, count: number): Uint8Array {
  if (data.includes(0x1b)) return data;
  let at = data.length;
  // A newline scrolls only when something follows.
  while (data[at - 1] === 0x0a) at--;
  for (let lines = 0; lines <= count; lines++) {
    if (at === 0) return data;
    at = data.lastIndexOf(0x0a, at - 1);
    if (at < 0) return data;
  }
  return data.subarray(at + 1);
}
