import { BAD_PATTERN } from './glob.ts';

/** What is in Go's classes; JavaScript's `\s` and `\w` hold more or other characters. */
const PERL: Record<string, string> = { d: '0-9', s: '\\t\\n\\f\\r ', w: '0-9A-Za-z_' };

const POSIX: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

const CONTROL: Record<string, string> = { a: '\\x07', f: '\\f', n: '\\n', r: '\\r', t: '\\t', v: '\\v' };
const ASSERTION: Record<string, string> = { A: '(?:^)', z: '(?:$)', b: '(?:\\b)', B: '(?:\\B)' };

const MAX_REPEAT = 1000;

/**
 * The JavaScript equivalent of what moby/patternmatcher hands to Go's regexp package, for the part of the syntax that
 * can come out of a glob.
 * @throws Error with {@link BAD_PATTERN} where Go refuses it
 */
export function goRegExp(source: string): RegExp {
  const chars = [...source];
  let at = 0;

  function atom(): string {
    const char = chars[at++]!;
    if (char === '[') return characterClass();
    if (char === '.') return '[^\\n]';
    if (char === '{') return repetition() ?? literal(char);
    // In a group of its own: JavaScript has no repetition of it.
    if (char === '^') return '(?:^)';
    if ('$()*?|'.includes(char)) return char;
    if (char !== '\\') return literal(char);
    const escaped = chars[at++] ?? bad();
    if (escaped === 'Q') return quoted();
    const set = perlClass(escaped, (set, not) => `[${not}${set}]`) ?? property(escaped);
    return ASSERTION[escaped] ?? set ?? escapedChar(escaped);
  }

  /** `{2}`, `{2,}`, `{2,3}`; any other brace is a character. */
  function repetition(): string | undefined {
    const found = /^(\d+)(,(\d*))?\}/.exec(chars.slice(at).join(''));
    if (!found) return undefined;
    if (Math.max(Number(found[1]), Number(found[3] ?? 0)) > MAX_REPEAT) bad();
    at += found[0].length;
    return `{${found[0]}`;
  }

  /** A negated class has to be put beside the others of a set: JavaScript's own has an upper-case letter for it. */
  function perlClass(letter: string, form: (set: string, not: string) => string): string | undefined {
    const set = PERL[letter.toLowerCase()];
    return set === undefined ? undefined : form(set, letter === letter.toLowerCase() ? '' : '^');
  }

  /** `\Q…\E`: all of it stands for itself. */
  function quoted(): string {
    const rest = chars.slice(at).join('');
    const end = `${rest}\\E`.indexOf('\\E');
    at += [...rest.slice(0, end + 2)].length;
    return [...rest.slice(0, end)].map(literal).join('');
  }

  /** `\pL`, `\p{Greek}`: a category or a script of Unicode. */
  function property(letter: string): string | undefined {
    if (letter !== 'p' && letter !== 'P') return undefined;
    const found = /^(?:\{(\^?)(\w+)\}|([A-Z]))/.exec(chars.slice(at).join('')) ?? bad();
    at += found[0].length;
    const name = found[2] ?? found[3]!;
    const not = (letter === 'P') !== (found[1] === '^');
    return [name, `Script=${name}`].map((each) => `\\${not ? 'P' : 'p'}{${each}}`).find(isExpression) ?? bad();
  }

  /** `\101`, `\x41`, `\x{41}`: a character by its number; a single octal digit but 0 would be a back reference. */
  function numbered(): string | undefined {
    const rest = chars.slice(at - 1).join('');
    const found = /^(?:(0[0-7]{0,2}|[1-7][0-7]{1,2})|x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\}))/.exec(rest);
    if (!found) return undefined;
    at += found[0].length - 1;
    const code = found[1] === undefined ? Number.parseInt(found[2] ?? found[3]!, 16) : Number.parseInt(found[1], 8);
    return code > 0x10ffff ? bad() : literal(String.fromCodePoint(code));
  }

  function escapedChar(char: string): string {
    const number = numbered();
    if (number !== undefined) return number;
    if (/^[A-Za-z0-9]$/.test(char)) return CONTROL[char] ?? bad();
    // Go lets only punctuation of ASCII stand for itself.
    return char <= '\x7f' ? literal(char) : bad();
  }

  function characterClass(): string {
    const negated = chars[at] === '^';
    if (negated) at++;
    const sets: string[] = [];
    for (let first = true; first || chars[at] !== ']'; first = false) {
      const name = chars[at] === '[' && chars[at + 1] === ':' ? posixName() : undefined;
      sets.push(name ?? member());
    }
    at++;
    return `[${negated ? '^' : ''}${sets.join('')}]`;
  }

  function posixName(): string | undefined {
    const found = /^\[:(\^?)(.*?):\]/su.exec(chars.slice(at).join(''));
    if (!found) return undefined;
    at += [...found[0]].length;
    const set = POSIX[found[2]!] ?? bad();
    return found[1] === '' ? set : complement(set);
  }

  function member(): string {
    if (chars[at] === '\\') {
      const from = at;
      const letter = chars[at + 1] ?? '';
      at += 2;
      const set = perlClass(letter, (set, not) => (not === '' ? set : complement(set))) ?? property(letter);
      if (set !== undefined) return set;
      at = from;
    }
    const low = single();
    if (chars[at] !== '-' || chars[at + 1] === ']' || chars[at + 1] === undefined) return low;
    at++;
    return `${low}-${single()}`;
  }

  function single(): string {
    const char = chars[at++] ?? bad();
    return char === '\\' ? escapedChar(chars[at++] ?? bad()) : literal(char);
  }

  let out = '';
  while (at < chars.length) out += atom();
  return isExpression(out) ? new RegExp(out, 'u') : bad();
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function literal(char: string): string {
  return /^[A-Za-z0-9_/]$/.test(char) ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`;
}

/** All characters that are not in a set of ASCII ranges, as ranges. */
function complement(set: string): string {
  const inside = new RegExp(`[${set}]`, 'u');
  let out = '\\u{80}-\\u{10ffff}';
  for (let code = 0; code < 0x80; code++) {
    const char = String.fromCharCode(code);
    if (!inside.test(char)) out += literal(char);
  }
  return out;
}

function bad(): never {
  throw new Error(BAD_PATTERN);
}
