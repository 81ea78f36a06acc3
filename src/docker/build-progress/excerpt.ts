import type { SourceInfo, SourceRange } from './status.ts';

export interface Source {
  info?: SourceInfo;
  ranges: readonly SourceRange[];
}

const ruler = `${'-'.repeat(20)}\n`;

/** The lines of a Dockerfile that something is about, marked, with a few around them; empty if there are none. */
export function sourceExcerpt({ info, ranges }: Source): string {
  if (!info || ranges.length === 0) return '';
  const marked = ranges.map((range) => {
    const first = range.start?.line ?? 0;
    return { first, last: Math.max(first, range.end?.line ?? 0) };
  });
  const lines = Buffer.from(info.data).toString().split('\n');
  const first = Math.min(...marked.map((range) => range.first));
  const last = Math.min(lines.length, Math.max(...marked.map((range) => range.last)));
  if (first < 1 || first > lines.length) return '';
  const { start, end } = widen(first, last, lines.length);
  let out = `${info.filename}:${first}\n${ruler}`;
  for (let line = start; line <= end; line++) {
    const mark = marked.some((range) => range.first <= line && line <= range.last) ? '>>>' : '   ';
    out += ` ${String(line).padStart(3)} | ${mark} ${lines[line - 1]}\n`;
  }
  return out + ruler;
}

/** A few lines on either side, more for one that is alone, and at an end of the file more on the other side. */
function widen(first: number, last: number, count: number): { start: number; end: number } {
  let [start, end] = [first, last];
  const wanted = first === last ? 4 : 2;
  for (let added = 0; added < wanted; added++) {
    if (start > 1) {
      start--;
      added++;
    }
    if (end !== count) {
      end++;
      added++;
    }
  }
  return { start, end };
}
