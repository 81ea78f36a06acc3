/**
 * Lines of tab-separated cells as Go's text/tabwriter lays them out with docker's settings (minimum width 10, padding 3).
 * A cell is what a tab ends; columns are runs of lines that have a cell at that place; the rest of a line is as it is.
 */
export function layOutTable(text: string, minWidth = 10, padding = 3): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((cells) => cells.map(() => 0));
  const column = (at: number, first: number, last: number): void => {
    for (let start = first; start < last; ) {
      if (!hasCell(lines, start, at)) {
        start++;
        continue;
      }
      let end = start;
      let width = minWidth;
      let blank = true;
      for (; end < last && hasCell(lines, end, at); end++) {
        const size = cellWidth(lines[end]?.[at] ?? '');
        if (size > 0) blank = false;
        width = Math.max(width, size + padding);
      }
      for (let i = start; i < end; i++) (widths[i] as number[])[at] = blank ? minWidth : width;
      column(at + 1, start, end);
      start = end;
    }
  };
  column(0, 0, lines.length);
  return lines
    .map((cells, i) =>
      cells.map((cell, at) => (at < cells.length - 1 ? pad(cell, widths[i]?.[at] ?? 0) : cell)).join(''),
    )
    .join('\n');
}

function hasCell(lines: string[][], line: number, at: number): boolean {
  return at < (lines[line]?.length ?? 0) - 1;
}

function cellWidth(text: string): number {
  // Most text is one unit a character, and long lists have many cells.
  return /[\ud800-\udfff]/.test(text) ? [...text].length : text.length;
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(width - cellWidth(cell), 0));
}
