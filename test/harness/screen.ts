/**
 * A terminal's screen, small but strict: what programs under test write must be understood, and anything else is an
 * error. Lines that are too long for a resized screen are wrapped anew, as most terminals do.
 */
export interface Screen {
  write(data: string | Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** All lines from the first one ever, without blanks at their ends and empty ones at the end. */
  lines(): string[];
  /** Of the visible part. */
  visible(): string[];
  /** As lines(), with `{31}` where the style becomes that of SGR 31 and `{}` where it ends. */
  styled(): string[];
  readonly cursor: { row: number; column: number; visible: boolean };
  /** Cells that were given something else than what they had: what a person could see flicker. */
  readonly touched: number;
}

interface Cell {
  char: string;
  style: string;
}

interface Row {
  cells: Cell[];
  /** It goes on in the next row. */
  wrapped: boolean;
}

const sequence = /^\x1b\[([?\d;]*)([A-Za-z])/;

export function openScreen(columns: number, rows: number): Screen {
  const decoder = new TextDecoder();
  let screen: Row[] = [{ cells: [], wrapped: false }];
  /** The first visible row. */
  let top = 0;
  let [x, y] = [0, 0];
  let style = '';
  let visible = true;
  let wraps = true;
  let touched = 0;
  let pending = '';

  const lineFeed = (): void => {
    y++;
    if (y === screen.length) screen.push({ cells: [], wrapped: false });
    top = Math.max(top, y - rows + 1);
  };
  const put = (char: string): void => {
    if (x >= columns && !wraps) x = columns - 1;
    if (x >= columns) {
      screen[y]!.wrapped = true;
      x = 0;
      lineFeed();
    }
    const { cells } = screen[y]!;
    while (cells.length < x) cells.push({ char: ' ', style: '' });
    if (cells[x]?.char !== char || cells[x]?.style !== style) touched++;
    cells[x] = { char, style };
    x++;
  };
  const eraseLine = (row: number, from: number): void => {
    const { cells } = screen[row]!;
    touched += cells.slice(from).filter(({ char }) => char !== ' ').length;
    cells.length = Math.min(cells.length, from);
    screen[row]!.wrapped = false;
  };
  const command = (parameters: string, final: string): void => {
    const count = Number(parameters || 1);
    if (final === 'A') y = Math.max(top, y - count);
    else if (final === 'B') y = Math.min(top + rows - 1, y + count);
    else if (final === 'G') x = Math.max(0, count - 1);
    else if (final === 'm') style = parameters === '0' ? '' : parameters;
    else if (final === 'K' && parameters === '') eraseLine(y, x);
    else if (final === 'J' && parameters === '') {
      eraseLine(y, x);
      for (let row = y + 1; row < screen.length; row++) eraseLine(row, 0);
    } else if (parameters === '?25' && (final === 'h' || final === 'l')) visible = final === 'h';
    else if (parameters === '?7' && (final === 'h' || final === 'l')) wraps = final === 'h';
    else throw new Error(`unknown sequence ESC [ ${parameters} ${final}`);
    while (y >= screen.length) screen.push({ cells: [], wrapped: false });
  };
  const text = ({ cells }: Row): string =>
    cells
      .map(({ char }) => char)
      .join('')
      .trimEnd();
  const withoutEmptyEnd = (lines: string[]): string[] => lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);

  return {
    get cursor() {
      return { row: y, column: Math.min(x, columns), visible };
    },
    get touched() {
      return touched;
    },
    write(data) {
      let rest = pending + (typeof data === 'string' ? data : decoder.decode(data, { stream: true }));
      pending = '';
      while (rest !== '') {
        const match = sequence.exec(rest);
        if (match) command(match[1]!, match[2]!);
        else if (rest[0] === '\x1b' && rest.length < 16) {
          pending = rest;
          return;
        } else if (rest[0] === '\n') lineFeed();
        else if (rest[0] === '\r') x = 0;
        else if (rest[0]! < ' ') throw new Error(`unknown control character ${JSON.stringify(rest.slice(0, 20))}`);
        else put(String.fromCodePoint(rest.codePointAt(0)!));
        rest = rest.slice(match ? match[0].length : String.fromCodePoint(rest.codePointAt(0)!).length);
      }
    },
    resize(newColumns, newRows) {
      const old = screen;
      screen = [];
      let [newX, newY] = [0, 0];
      for (let row = 0; row < old.length; row++) {
        const cells = [...old[row]!.cells];
        let cursorAt = row === y ? x : -1;
        while (old[row]!.wrapped && row + 1 < old.length) {
          row++;
          if (row === y) cursorAt = cells.length + x;
          cells.push(...old[row]!.cells);
        }
        const first = screen.length;
        do screen.push({ cells: cells.splice(0, newColumns), wrapped: cells.length > 0 });
        while (cells.length > 0);
        if (cursorAt >= 0) {
          newY = Math.min(first + Math.floor(cursorAt / newColumns), screen.length - 1);
          newX = cursorAt % newColumns;
        }
      }
      [x, y, columns, rows] = [newX, newY, newColumns, newRows];
      top = Math.max(0, y - rows + 1, Math.min(top, screen.length - rows));
    },
    lines: () => withoutEmptyEnd(screen.map(text)),
    visible: () => withoutEmptyEnd(screen.slice(top, top + rows).map(text)),
    styled: () =>
      withoutEmptyEnd(
        screen.map((row) => {
          let [out, last] = ['', ''];
          for (const cell of row.cells.slice(0, text(row).length)) {
            if (cell.style !== last) out += `{${cell.style}}`;
            last = cell.style;
            out += cell.char;
          }
          return last === '' ? out : `${out}{}`;
        }),
      ),
  };
}
