import { DockerError } from '../errors.ts';

/** One Dockerfile instruction. */
export interface Instruction {
  /** In lower case. */
  name: string;
  /** The words before the arguments that begin with `--`, without that. */
  flags: string[];
  /** The arguments as written. */
  rest: string;
  /** The whole line, its continuations joined. */
  line: string;
}

/**
 * The instructions of a Dockerfile's text: comments and empty lines are left out, a backslash at the end of a line
 * joins it with the next.
 * Reference: the Dockerfile reference, "Format".
 */
export function parseInstructions(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  let open: string | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*#/.test(line)) continue;
    if (open !== undefined && line.trim() === '') continue;
    const begun = (open ?? '') + (open === undefined ? line.trimStart() : line);
    const continued = /\\[ \t]*$/.exec(begun);
    open = continued ? begun.slice(0, continued.index) : undefined;
    if (!continued && begun !== '') instructions.push(parseLine(begun));
  }
  if (open) instructions.push(parseLine(open));
  return instructions;
}

export function parseLine(line: string): Instruction {
  const [, name = '', args = ''] = /^(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const flags: string[] = [];
  let rest = args;
  for (let match = leadingFlag(rest); match; match = leadingFlag(rest)) {
    rest = match.rest;
    if (match.flag === '') break;
    flags.push(match.flag);
  }
  return { name: name.toLowerCase(), flags, rest, line };
}

/** `--` alone ends the flags. */
function leadingFlag(text: string): { flag: string; rest: string } | undefined {
  const match = /^--((?:[^\s\\"']|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')*)\s*/.exec(text);
  if (!match) return undefined;
  const flag = (match[1] ?? '').replace(/\\([\s\S])|["']/g, '$1');
  return { flag, rest: text.slice(match[0].length) };
}

/**
 * The strings of an argument in JSON's form; undefined when it is not in that form.
 * @throws DockerError `invalid` for an array of anything else
 */
export function jsonStrings(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(rest);
  } catch {
    return undefined;
  }
  const list = value as unknown[];
  if (list.every((item) => typeof item === 'string')) return list;
  throw new DockerError('invalid', 'when using JSON array syntax, arrays must be comprised of strings only');
}

/** Blanks separate; `a="b c"` and `a\ b` are one word, with its quotes and backslashes. */
export function quotedWords(rest: string): string[] {
  return rest.match(/(?:[^\s\\"']|\\[\s\S]?|"(?:[^"\\]|\\[\s\S])*(?:"|$)|'[^']*(?:'|$))+/g) ?? [];
}
