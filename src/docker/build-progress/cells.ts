const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const invisible = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
const ascii = /^[\x20-\x7e]*$/;

/** How many cells of a terminal the text takes. */
export function cellWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let cells = 0;
  for (const char of text) cells += invisible.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return cells;
}

/** Its beginning that fits into so many cells. */
export function cutToCells(text: string, cells: number): string {
  if (ascii.test(text)) return text.slice(0, Math.max(0, cells));
  let [out, used] = ['', 0];
  for (const char of text) {
    used += cellWidth(char);
    if (used > cells) break;
    out += char;
  }
  return out;
}

/** Left-aligned in so many cells, with the right text at their end and a space between them. */
export function alignCells(left: string, right: string, cells: number): string {
  return `${left}${' '.repeat(Math.max(0, cells - cellWidth(left) - cellWidth(right) - 1))} ${right}`;
}
