/** Room that a last line may run over, so that no short word stands alone. */
const slop = 5;
const leastRoom = 24;
const blockIndent = 16;

/** Breaks text into the column from `indent` to `width` as pflag lays out its usages; the first line is not indented. */
export function wrap(text: string, indent: number, width: number): string {
  const newline = (column: number) => `\n${' '.repeat(column)}`;
  let column = indent;
  let start = '';
  if (width - column < leastRoom) {
    column = blockIndent;
    start = newline(column);
  }
  const room = width - column;
  if (room < leastRoom) return text.replaceAll('\n', start === '' ? newline(column) : start);
  const lines: string[] = [];
  let rest = text;
  while (rest !== '') {
    const [line, left] = takeLine(rest, room - slop);
    lines.push(line);
    rest = left;
  }
  return start + lines.join('\n').replaceAll('\n', newline(column));
}

function takeLine(text: string, room: number): [line: string, rest: string] {
  if (room + slop > text.length) return [text, ''];
  const head = text.slice(0, room);
  const space = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'));
  if (space <= 0) return [text, ''];
  const newline = head.lastIndexOf('\n');
  const cut = newline > 0 && newline < space ? newline : space;
  return [text.slice(0, cut), text.slice(cut + 1)];
}
