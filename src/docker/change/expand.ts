import { DockerError } from '../errors.ts';
import { quote } from '../values/go-quote.ts';

/** `KEY=value`, the last of a name counts. */
export type Environment = readonly string[];

interface Character {
  text: string;
  /** Blanks that are quoted separate no words. */
  quoted: boolean;
}

/**
 * A Dockerfile's word without its quotes and backslashes, `$NAME`, `${NAME}` and `${NAME:-word}` (also `+`, `?`, and each
 * without the colon) replaced.
 * @throws DockerError `invalid` `failed to process "…": …`
 */
export function expandWord(word: string, env: Environment): string {
  return expand(word, env)
    .map(({ text }) => text)
    .join('');
}

/** As expandWord, but split at the blanks that are not quoted: those that variables bring, too. */
export function expandWords(word: string, env: Environment): string[] {
  const words: string[] = [];
  let inWord = false;
  for (const { text, quoted } of expand(word, env)) {
    if (!quoted && /\s/.test(text)) {
      inWord = false;
      continue;
    }
    if (!inWord) words.push('');
    inWord = true;
    words[words.length - 1] += text;
  }
  return words;
}

function expand(word: string, env: Environment): Character[] {
  const cursor: Cursor = { characters: [...word], at: 0, env };
  try {
    return readUntil(cursor, undefined);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new DockerError('invalid', `failed to process ${quote(word)}: ${error.message}`);
  }
}

interface Cursor {
  characters: string[];
  at: number;
  env: Environment;
}

const next = (cursor: Cursor): string | undefined => cursor.characters[cursor.at++];
const peek = (cursor: Cursor): string | undefined => cursor.characters[cursor.at];

function readUntil(cursor: Cursor, stop: string | undefined): Character[] {
  const result: Character[] = [];
  for (let char = next(cursor); char !== stop; char = next(cursor)) {
    if (char === undefined) throw new Error("syntax error: missing '}'");
    if (char === "'") result.push(...singleQuoted(cursor));
    else if (char === '"') result.push(...doubleQuoted(cursor));
    else if (char === '$') result.push(...variable(cursor, false));
    else if (char !== '\\') result.push({ text: char, quoted: false });
    else result.push({ text: next(cursor) ?? '', quoted: true });
  }
  return result;
}

function singleQuoted(cursor: Cursor): Character[] {
  const result: Character[] = [];
  for (let char = next(cursor); char !== "'"; char = next(cursor)) {
    if (char === undefined) throw new Error('unexpected end of statement while looking for matching single-quote');
    result.push({ text: char, quoted: true });
  }
  return result;
}

function doubleQuoted(cursor: Cursor): Character[] {
  const result: Character[] = [];
  for (let char = next(cursor); char !== '"'; char = next(cursor)) {
    if (char === undefined) throw new Error('unexpected end of statement while looking for matching double-quote');
    if (char === '$') {
      result.push(...variable(cursor, true));
      continue;
    }
    const escaped = peek(cursor);
    const drops = char === '\\' && escaped !== undefined && '"$\\'.includes(escaped);
    result.push({ text: drops ? next(cursor)! : char, quoted: true });
  }
  return result;
}

function variable(cursor: Cursor, quoted: boolean): Character[] {
  const characters = (text: string): Character[] => [...text].map((each) => ({ text: each, quoted }));
  if (peek(cursor) !== '{') {
    const name = variableName(cursor);
    return characters(name === '' ? '$' : (lookUp(cursor.env, name) ?? ''));
  }
  cursor.at++;
  const first = peek(cursor);
  if (first === undefined) throw new Error("syntax error: missing '}'");
  if ('{}:'.includes(first)) throw new Error('syntax error: bad substitution');
  const name = variableName(cursor);
  const value = lookUp(cursor.env, name);
  let operator = next(cursor);
  if (operator === '}') return characters(value ?? '');
  // With the colon, empty counts as not set.
  const colon = operator === ':';
  if (colon) operator = next(cursor);
  if (operator === undefined || !'-+?'.includes(operator)) {
    throw new Error(colon ? `unsupported modifier (${operator ?? ''}) in substitution` : "missing ':' in substitution");
  }
  const word = readUntil(cursor, '}');
  const isSet = colon ? value !== undefined && value !== '' : value !== undefined;
  const chosen = word.map((each) => ({ ...each, quoted: quoted || each.quoted }));
  if (operator === '+') return isSet ? chosen : [];
  if (isSet) return characters(value!);
  if (operator === '-') return chosen;
  const message = word.map(({ text }) => text).join('');
  throw new Error(`${name}: ${message || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`);
}

function variableName(cursor: Cursor): string {
  const rest = cursor.characters.slice(cursor.at).join('');
  const [name = ''] = /^(?:[A-Za-z_][A-Za-z0-9_]*|\d+|[@*#?\-$!])/.exec(rest) ?? [];
  cursor.at += name.length;
  return name;
}

function lookUp(env: Environment, name: string): string | undefined {
  return env.findLast((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
}
