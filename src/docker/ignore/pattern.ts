import { matchGlob } from './glob.ts';
import { goRegExp } from './go-regexp.ts';

/** One pattern, whose matching is that of moby/patternmatcher. */
export interface Pattern {
  /** Cleaned, without the `!`. */
  readonly text: string;
  /** It began with `!`: what it matches is no longer matched by the patterns before it. */
  readonly exclusion: boolean;
  /** Of this path alone, not of its parents. @throws Error `syntax error in pattern` */
  matches(path: string): boolean;
}

/** @throws Error `syntax error in pattern` */
export function createPattern(text: string, exclusion: boolean): Pattern {
  // For its errors only; it finds some of them.
  matchGlob(text, '.');
  let test: ((path: string) => boolean) | undefined;
  return {
    text,
    exclusion,
    matches(path) {
      // Late, because that finds the other errors: in a pattern that nothing is compared with they are none.
      test ??= compile(text);
      return test(path);
    },
  };
}

/**
 * What the original escapes on the way to a regular expression. It means to escape `|{}` as well and does not, so in a
 * pattern with a wildcard these, and `^`, mean what they mean there.
 */
const ESCAPED = '.+()$';

function compile(text: string): (path: string) => boolean {
  const chars = [...text];
  let source = '^';
  let kind: 'exact' | 'prefix' | 'suffix' | 'regexp' = 'exact';
  let at = 0;
  for (let step = 0; at < chars.length; step++) {
    const char = chars[at++]!;
    if (char === '*' && chars[at] === '*') {
      at++;
      // `**/` is `**`.
      if (chars[at] === '/') at++;
      if (at < chars.length) {
        source += '(.*/)?';
        kind = 'regexp';
      } else if (kind === 'exact') {
        kind = 'prefix';
      } else {
        source += '.*';
        kind = 'regexp';
      }
      if (step === 0) kind = 'suffix';
    } else if (char === '*' || char === '?') {
      source += char === '*' ? '[^/]*' : '[^/]';
      kind = 'regexp';
    } else if (char === '\\') {
      source += `\\${chars[at++] ?? ''}`;
      kind = 'regexp';
    } else {
      source += ESCAPED.includes(char) ? `\\${char}` : char;
      if (char === '[' || char === ']') kind = 'regexp';
    }
  }
  switch (kind) {
    case 'exact':
      return (path) => path === text;
    case 'prefix': {
      const prefix = text.slice(0, -2);
      return (path) => path.startsWith(prefix);
    }
    case 'suffix': {
      const suffix = text.slice(2);
      // `**/a` matches `a` too.
      const whole = suffix.startsWith('/') ? suffix.slice(1) : undefined;
      return (path) => path.endsWith(suffix) || path === whole;
    }
    case 'regexp': {
      const expression = goRegExp(`${source}$`);
      return (path) => expression.test(path);
    }
  }
}
