import { keywords, type Token, type TokenKind } from './tokens.ts';

const open = '{{';
const close = '}}';
const spaces = ' \t\r\n';

/**
 * Cuts a template into tokens by the rules of Go's text/template/parse, with `{{` and `}}`, comments and trim markers.
 * The last token is `eof`, or `error` with Go's sentence.
 */
export function lex(input: string): Token[] {
  const tokens: Token[] = [];
  let pos = 0;
  for (;;) {
    const start = input.indexOf(open, pos);
    const textEnd = start < 0 ? input.length : start;
    const trimmed = start >= 0 && hasLeftTrim(input, start + 2);
    const text = input.slice(pos, textEnd);
    const kept = trimmed ? text.replace(/[ \t\r\n]+$/, '') : text;
    if (kept !== '') tokens.push({ kind: 'text', text: kept, pos });
    if (start < 0) break;
    const next = lexAction(input, start, tokens);
    if (next === undefined) return tokens;
    pos = next;
  }
  tokens.push({ kind: 'eof', text: '', pos: input.length });
  return tokens;
}

function hasLeftTrim(input: string, at: number): boolean {
  return input[at] === '-' && isSpace(input[at + 1]);
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && spaces.includes(char);
}

/** Adds the tokens of the action at `start`; gives the offset after it (and after trimmed space), or undefined on an error. */
function lexAction(input: string, start: number, tokens: Token[]): number | undefined {
  let at = start + open.length;
  if (hasLeftTrim(input, at)) at += 2;
  if (input.startsWith('/*', at)) return lexComment(input, at, tokens);
  tokens.push({ kind: 'left', text: open, pos: start });
  let depth = 0;
  for (;;) {
    const end = rightDelimiter(input, at);
    if (end !== undefined) {
      if (depth > 0) return fail(tokens, at, 'unclosed left paren');
      tokens.push({ kind: 'right', text: close, pos: end.trim ? at + 2 : at });
      return end.trim ? skipSpaces(input, end.after) : end.after;
    }
    const token = lexInside(input, at);
    if (token.kind === '(') depth++;
    if (token.kind === ')' && --depth < 0) return fail(tokens, at, 'unexpected right paren');
    tokens.push(token);
    if (token.kind === 'error') return undefined;
    at += token.text.length;
  }
}

function fail(tokens: Token[], pos: number, message: string): undefined {
  tokens.push({ kind: 'error', text: message, pos });
  return undefined;
}

function lexComment(input: string, start: number, tokens: Token[]): number | undefined {
  const end = input.indexOf('*/', start);
  if (end < 0) return fail(tokens, start, 'unclosed comment');
  const delimiter = rightDelimiter(input, end + 2);
  if (!delimiter) return fail(tokens, end, 'comment ends before closing delimiter');
  return delimiter.trim ? skipSpaces(input, delimiter.after) : delimiter.after;
}

function skipSpaces(input: string, at: number): number {
  while (isSpace(input[at])) at++;
  return at;
}

function rightDelimiter(input: string, at: number): { after: number; trim: boolean } | undefined {
  if (isSpace(input[at]) && input.startsWith(`-${close}`, at + 1)) return { after: at + 4, trim: true };
  return input.startsWith(close, at) ? { after: at + 2, trim: false } : undefined;
}

const letter = /[\p{L}\p{Nd}_]/u;
const wordPattern = /[\p{L}\p{Nd}_]+/uy;
const numberPattern =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]+)?|0[oO][0-7_]+|0[bB][01_]+|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

function lexInside(input: string, at: number): Token {
  const char = input[at];
  const make = (kind: TokenKind, text: string): Token => ({ kind, text, pos: at });
  if (char === undefined) return make('error', 'unclosed action');
  if (isSpace(char)) return make('space', lexSpaces(input, at));
  if (char === '=') return make('=', '=');
  if (char === ':') return input[at + 1] === '=' ? make(':=', ':=') : make('error', 'expected :=');
  if (char === '|') return make('pipe', '|');
  if (char === '"') return lexQuoted(input, at, '"', 'string', 'unterminated quoted string');
  if (char === "'") return lexQuoted(input, at, "'", 'char-constant', 'unterminated character constant');
  if (char === '`') {
    const end = input.indexOf('`', at + 1);
    return end < 0 ? make('error', 'unterminated raw quoted string') : make('raw-string', input.slice(at, end + 1));
  }
  if (char === '$') return lexName(input, at, 'variable');
  if (char === '.' && !/[0-9]/.test(input[at + 1] ?? '')) return lexName(input, at, 'field');
  if (/[0-9.+-]/.test(char)) return lexNumber(input, at);
  if (char === '(' || char === ')') return make(char, char);
  return lexWord(input, at);
}

/** Leaves the space before a trim marker to the delimiter. */
function lexSpaces(input: string, at: number): string {
  let end = skipSpaces(input, at);
  if (input.startsWith(`-${close}`, end)) end--;
  return input.slice(at, Math.max(end, at + 1));
}

function lexQuoted(input: string, at: number, quote: string, kind: TokenKind, unterminated: string): Token {
  for (let end = at + 1; end < input.length && input[end] !== '\n'; end++) {
    if (input[end] === '\\') end++;
    else if (input[end] === quote) return { kind, text: input.slice(at, end + 1), pos: at };
  }
  return { kind: 'error', text: unterminated, pos: at };
}

function wordAt(input: string, at: number): string {
  wordPattern.lastIndex = at;
  return wordPattern.exec(input)?.[0] ?? '';
}

function atTerminator(input: string, at: number): boolean {
  const char = input[at];
  return char === undefined || isSpace(char) || '.,|:)('.includes(char) || input.startsWith(close, at);
}

function badCharacter(input: string, at: number): Token {
  return { kind: 'error', text: `bad character ${unicodeName(input, at)}`, pos: at };
}

/** Go's %#U. */
export function unicodeName(input: string, at: number): string {
  const code = input.codePointAt(at) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code < 32 || code === 127 ? name : `${name} '${String.fromCodePoint(code)}'`;
}

function lexName(input: string, at: number, kind: 'variable' | 'field'): Token {
  const word = wordAt(input, at + 1);
  const text = input.slice(at, at + 1 + word.length);
  if (!atTerminator(input, at + text.length)) return badCharacter(input, at + text.length);
  return { kind: text === '.' ? 'dot' : kind, text, pos: at };
}

function lexNumber(input: string, at: number): Token {
  numberPattern.lastIndex = at;
  const text = numberPattern.exec(input)?.[0] ?? '';
  const next = String.fromCodePoint(input.codePointAt(at + text.length) ?? 32);
  if (letter.test(next)) {
    const end = at + text.length + next.length;
    return { kind: 'error', text: `bad number syntax: ${JSON.stringify(input.slice(at, end))}`, pos: at };
  }
  return { kind: 'number', text, pos: at };
}

function lexWord(input: string, at: number): Token {
  const text = wordAt(input, at);
  if (text === '') {
    const code = input.charCodeAt(at);
    if (code > 32 && code < 127) return { kind: 'char', text: input[at] ?? '', pos: at };
    return { kind: 'error', text: `unrecognized character in action: ${unicodeName(input, at)}`, pos: at };
  }
  if (!atTerminator(input, at + text.length)) return badCharacter(input, at + text.length);
  if (keywords.has(text)) return { kind: 'keyword', text, pos: at };
  if (text === 'nil') return { kind: 'nil', text, pos: at };
  if (text === 'true' || text === 'false') return { kind: 'bool', text, pos: at };
  return { kind: 'identifier', text, pos: at };
}
