import { parseCpus } from '../docker/flags/cpus.ts';
import { parseCsvLine } from '../docker/flags/csv.ts';
import { parseMemory } from '../docker/values/units.ts';
import type { FlagSpec, FlagTable } from './flags.ts';
import { quote } from './quote.ts';
import { parseBool, parseDuration, parseInteger } from './values.ts';

export type ParsedValue = boolean | string | number | string[];

export interface ParsedFlags {
  values: Map<string, ParsedValue>;
  /** The positional arguments, with everything after `--`. */
  args: string[];
  /** `--help`, or `-h` where no flag has that letter. */
  help: boolean;
  /** No flag can follow: there was a `--`, or an argument where flags come first. */
  ended: boolean;
  /** Lines about deprecated flags, to be printed. */
  notes: string[];
}

/** The command line breaks pflag's rules; the message is pflag's. */
export class FlagError extends Error {
  /** The flag that waits for its value at the end of the line. */
  readonly waiting: string | undefined;

  constructor(message: string, waiting?: string) {
    super(message);
    this.waiting = waiting;
  }
}

/**
 * Parses as spf13/pflag does: bundled shorts (`-itd`), attached values (`-p80:80`, `-e=A`), `--x=v` and `--x v`,
 * bools with an optional `=value`, `--`; with `interspersed` false the first positional argument ends the flags.
 */
export function parseFlags(table: FlagTable, argv: readonly string[], interspersed: boolean): ParsedFlags {
  const shorts = new Map<string, string>();
  for (const [name, spec] of Object.entries(table)) if (spec.short !== undefined) shorts.set(spec.short, name);
  const parsed: ParsedFlags = { values: new Map(), args: [], help: false, ended: false, notes: [] };
  const rest = [...argv];
  const set = (name: string, text: string) => setFlag(parsed, table, name, text);
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      parsed.args.push(...rest);
      parsed.ended = true;
      break;
    }
    if (arg.length < 2 || arg[0] !== '-') {
      parsed.args.push(arg);
      if (interspersed) continue;
      parsed.args.push(...rest);
      parsed.ended = true;
      break;
    }
    if (arg[1] === '-') parseLong(parsed, table, arg, rest, set);
    else parseShorts(parsed, table, shorts, arg.slice(1), rest, set);
  }
  return parsed;
}

type Setter = (name: string, text: string) => void;

function parseLong(parsed: ParsedFlags, table: FlagTable, arg: string, rest: string[], set: Setter): void {
  const equals = arg.indexOf('=');
  const name = arg.slice(2, equals < 0 ? undefined : equals);
  if (name === '' || name[0] === '-') throw new FlagError(`bad flag syntax: ${arg}`);
  const spec = lookUp(table, name);
  if (spec === undefined) {
    if (name !== 'help') throw new FlagError(`unknown flag: --${name}`);
    parsed.help = equals < 0 || setHelp(arg.slice(equals + 1));
  } else if (equals >= 0) set(name, arg.slice(equals + 1));
  else if (bareValue(spec) !== undefined) set(name, bareValue(spec) ?? '');
  else {
    const next = rest.shift();
    if (next === undefined) throw new FlagError(`flag needs an argument: ${arg}`, name);
    set(name, next);
  }
}

function parseShorts(
  parsed: ParsedFlags,
  table: FlagTable,
  shorts: ReadonlyMap<string, string>,
  bundle: string,
  rest: string[],
  set: Setter,
): void {
  let letters = bundle;
  while (letters !== '') {
    const letter = String.fromCodePoint(letters.codePointAt(0) ?? 0);
    const after = letters.slice(letter.length);
    const name = shorts.get(letter);
    const spec = name === undefined ? undefined : table[name];
    if (name === undefined || spec === undefined) {
      if (letter !== 'h') throw new FlagError(`unknown shorthand flag: '${letter}' in -${letters}`);
      parsed.help = true;
      parsed.notes.push('Flag shorthand -h has been deprecated, use --help');
      letters = after;
      continue;
    }
    if (after.length > 1 && after[0] === '=') {
      set(name, after.slice(1));
      return;
    }
    const bare = bareValue(spec);
    if (bare !== undefined) {
      set(name, bare);
      letters = after;
      continue;
    }
    const next = after === '' ? rest.shift() : after;
    if (next === undefined) throw new FlagError(`flag needs an argument: '${letter}' in -${letters}`, name);
    set(name, next);
    return;
  }
}

function lookUp(table: FlagTable, name: string): FlagSpec | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function bareValue(spec: FlagSpec): string | undefined {
  return spec.bare ?? (spec.type === 'bool' ? 'true' : undefined);
}

function setHelp(text: string): boolean {
  return orInvalid('--help', text, () => parseBool(text));
}

function setFlag(parsed: ParsedFlags, table: FlagTable, name: string, text: string): void {
  const spec = lookUp(table, name);
  if (spec === undefined) throw new FlagError(`unknown flag: --${name}`);
  if (spec.deprecated !== undefined) parsed.notes.push(`Flag --${name} has been deprecated, ${spec.deprecated}`);
  if (spec.type === 'alias') {
    setFlag(parsed, table, spec.of, text);
    return;
  }
  const shown = spec.short === undefined ? `--${name}` : `-${spec.short}, --${name}`;
  const value = orInvalid(shown, text, () => parseValue(spec, text));
  const before = parsed.values.get(name);
  parsed.values.set(name, Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value);
}

function orInvalid<T>(flag: string, text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FlagError(`invalid argument ${quote(text)} for ${quote(flag)} flag: ${reason}`);
  }
}

function parseValue(spec: Exclude<FlagSpec, { type: 'alias' }>, text: string): ParsedValue {
  switch (spec.type) {
    case 'bool':
      return parseBool(text);
    case 'int':
      return parseInteger(text, spec.bits ?? 64, true);
    case 'uint':
      return parseInteger(text, spec.bits ?? 64, false);
    case 'float':
      return parseCpus(text) / 1e9;
    case 'duration':
      return parseDuration(text);
    case 'bytes':
      return spec.minusOne && text === '-1' ? -1 : parseMemory(text);
    case 'string':
      spec.check?.(text);
      return text;
    default: {
      const items = spec.type === 'slice' && text !== '' ? parseCsvLine(text) : spec.type === 'slice' ? [] : [text];
      for (const item of items) spec.check?.(item);
      return items;
    }
  }
}

/** The value of a flag that was not given. */
export function defaultValue(spec: Exclude<FlagSpec, { type: 'alias' }>): ParsedValue {
  switch (spec.type) {
    case 'bool':
      return spec.default ?? false;
    case 'string':
      return spec.default ?? '';
    case 'array':
    case 'slice':
      return [...(spec.default ?? [])];
    default:
      return spec.default ?? 0;
  }
}
