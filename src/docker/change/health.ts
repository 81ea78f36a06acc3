import { invalid } from '../errors.ts';
import type { OciImageConfig } from '../oci.ts';
import { parseGoDuration } from '../values/durations.ts';
import { quote } from '../values/go-quote.ts';
import { parseInt64 } from '../values/integer.ts';
import { type Instruction, jsonStrings } from './lines.ts';

type Healthcheck = NonNullable<OciImageConfig['Healthcheck']>;

/** Shorter intervals are refused: 1 ms in nanoseconds. */
const shortest = 1_000_000n;

/**
 * `HEALTHCHECK NONE`, `HEALTHCHECK [--interval=30s …] CMD command`.
 * @throws DockerError `invalid`
 */
export function parseHealthcheck(instruction: Instruction): Healthcheck {
  const flags = flagsOf(instruction, ['interval', 'timeout', 'start-period', 'start-interval', 'retries']);
  const [, kind = '', command = ''] = /^(\S*)\s*([\s\S]*)$/.exec(instruction.rest) ?? [];
  const type = kind.toUpperCase();
  if (type === '') throw invalid('HEALTHCHECK requires at least one argument');
  if (type === 'NONE') {
    if (command !== '') throw invalid('HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  if (type !== 'CMD') throw invalid(`Unknown type ${quote(type)} in HEALTHCHECK (try CMD)`);
  const list = jsonStrings(command);
  const words = list ?? (command === '' ? [] : [command]);
  if (words.length === 0) throw invalid('Missing command after HEALTHCHECK CMD');
  const time = (name: string): number | undefined => durationOf(name, flags.get(name));
  const all = {
    Test: [list ? 'CMD' : 'CMD-SHELL', ...words],
    Interval: time('interval'),
    Timeout: time('timeout'),
    StartPeriod: time('start-period'),
    StartInterval: time('start-interval'),
    Retries: retriesOf(flags.get('retries')),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * The flags of an instruction by name, all of which need a value.
 * @throws DockerError `invalid` in the words of docker's builder
 */
export function flagsOf({ flags }: Instruction, known: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const flag of flags) {
    const equals = flag.indexOf('=');
    const name = equals < 0 ? flag : flag.slice(0, equals);
    if (!known.includes(name)) throw invalid(`Unknown flag: ${name}`);
    if (values.has(name)) throw invalid(`Duplicate flag specified: ${name}`);
    if (equals < 0) throw invalid(`Missing a value on flag: ${name}`);
    values.set(name, flag.slice(equals + 1));
  }
  return values;
}

function durationOf(name: string, text: string | undefined): number | undefined {
  if (!text) return undefined;
  const value = parseGoDuration(text);
  if (value < shortest) throw invalid(`Interval ${quote(name)} cannot be less than 1ms`);
  return Number(value);
}

function retriesOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const value = parseInt64(text);
  if (value < 1) throw invalid(`--retries must be at least 1 (not ${value})`);
  return value;
}
