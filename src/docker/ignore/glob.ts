/** What Go's `filepath.Match` says of a pattern that is none. */
export const BAD_PATTERN = 'syntax error in pattern';

/**
 * Go's `filepath.Match`: `*`, `?` and classes do not match a slash. Like it, looks at no more of the pattern than it
 * takes to know that the name does not match.
 * @throws Error with {@link BAD_PATTERN}
 */
export function matchGlob(pattern: string, name: string): boolean {
  return matchFrom([...pattern], 0, [...name], 0);
}

function matchFrom(pattern: string[], start: number, name: string[], from: number): boolean {
  let at = from;
  let next = start;
  while (next < pattern.length) {
    const star = pattern[next] === '*';
    while (pattern[next] === '*') next++;
    if (star && next === pattern.length) return !name.includes('/', at);
    const end = chunkEnd(pattern, next);
    const found = matchChunk(pattern, next, end, name, at, star);
    if (found === undefined) return false;
    next = end;
    at = found;
  }
  return at === name.length;
}

/** Where the next star is that is in no class. */
function chunkEnd(pattern: string[], start: number): number {
  let inClass = false;
  let at = start;
  for (; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '[') inClass = true;
    else if (pattern[at] === ']') inClass = false;
    else if (pattern[at] === '*' && !inClass) break;
  }
  return Math.min(at, pattern.length);
}

/** Where the name goes on after the chunk; at the first place that a star before it allows. */
function matchChunk(pattern: string[], start: number, end: number, name: string[], from: number, star: boolean) {
  const last = end === pattern.length;
  for (let at = from; ; at++) {
    const rest = matchAt(pattern, start, end, name, at);
    if (rest !== undefined && (!last || rest === name.length)) return rest;
    if (!star || at >= name.length || name[at] === '/') return undefined;
  }
}

function matchAt(pattern: string[], start: number, end: number, name: string[], from: number): number | undefined {
  let at = from;
  let failed = false;
  for (let next = start; next < end; ) {
    const char = name[at++];
    failed ||= char === undefined;
    if (pattern[next] === '[') {
      const { after, matched } = matchClass(pattern, next + 1, end, char ?? '');
      next = after;
      failed ||= !matched;
      continue;
    }
    if (pattern[next] === '?') {
      failed ||= char === '/';
    } else {
      if (pattern[next] === '\\' && ++next >= end) throw new Error(BAD_PATTERN);
      failed ||= char !== pattern[next];
    }
    next++;
  }
  return failed ? undefined : at;
}

function matchClass(pattern: string[], start: number, end: number, char: string) {
  let next = start;
  const negated = pattern[next] === '^';
  if (negated) next++;
  const code = char.codePointAt(0) ?? 0;
  let inside = false;

  /** One end of a range. Something has to follow it, if only the bracket that closes. */
  function bound(): number {
    if (next >= end || pattern[next] === '-' || pattern[next] === ']') throw new Error(BAD_PATTERN);
    if (pattern[next] === '\\') next++;
    const member = pattern[next++]?.codePointAt(0);
    // A lone surrogate stands for a byte that is no UTF-8.
    const broken = member !== undefined && member >= 0xdc80 && member <= 0xdcff;
    if (member === undefined || broken || next >= end) throw new Error(BAD_PATTERN);
    return member;
  }

  for (let ranges = 0; ranges === 0 || pattern[next] !== ']'; ranges++) {
    const low = bound();
    let high = low;
    if (pattern[next] === '-') {
      next++;
      high = bound();
    }
    inside ||= low <= code && code <= high;
  }
  return { after: next + 1, matched: inside !== negated };
}
