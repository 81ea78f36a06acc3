import { cellWidth } from './cells.ts';
import type { ScreenLine, ScreenSize } from './tty-layout.ts';

export interface TtyPainter {
  /** What turns the last picture into this one; the cursor is left below it, and visible. */
  paint(lines: readonly ScreenLine[], size: ScreenSize): string;
}

/** A character that is wider than thought must not break the lines below: no wrapping while painting. */
const before = '\x1b[?25l\x1b[?7l';
const after = '\x1b[?7h\x1b[?25h';
const eraseToLineEnd = '\x1b[K';
const eraseToScreenEnd = '\x1b[J';

/** Rewrites only the lines that have changed, in one piece, so that nothing flickers. */
export function ttyPainter(): TtyPainter {
  let shown: readonly ScreenLine[] = [];
  let width = 0;
  return {
    paint(lines, { columns, rows }) {
      const resized = columns !== width;
      // A terminal that has become narrower has broken the lines.
      const height = shown.reduce((sum, { text }) => sum + Math.max(1, Math.ceil(cellWidth(text) / columns)), 0);
      const up = Math.min(height, rows - 1);
      const changed = lines.map((line, index) => resized || height > up || !isSame(line, shown[index]));
      let out = up > 0 ? `\x1b[${up}A\r` : '\r';
      lines.forEach((line, index) => {
        out += changed[index] ? `${styled(line)}${eraseToLineEnd}\r\n` : '\r\n';
      });
      shown = lines;
      width = columns;
      return `${before}${out}${eraseToScreenEnd}${after}`;
    },
  };
}

function styled({ text, style }: ScreenLine): string {
  return style === '' ? text : `${style}${text}\x1b[0m`;
}

function isSame(a: ScreenLine, b: ScreenLine | undefined): boolean {
  return a.text === b?.text && a.style === b.style;
}
