import { parseGoBool } from '../docker/flags/bool.ts';
import { quote } from './quote.ts';

/** Go's strconv.ParseBool; the errors of this file carry Go's sentences, which users of docker know. */
export function parseBool(text: string): boolean {
  const value = parseGoBool(text);
  if (value === undefined) throw new Error(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
  return value;
}

const integer = /^[+-]?(0[xX](_?[0-9a-fA-F])+|0[bB](_?[01])+|0[oO](_?[0-7])+|0(_?[0-7])*|[1-9](_?[0-9])*)$/;

/** Go's strconv.ParseInt or ParseUint with base 0. Beyond 2^53 the number is the nearest one. */
export function parseInteger(text: string, bits: number, signed: boolean): number {
  const fail = (why: string) => new Error(`strconv.Parse${signed ? 'Int' : 'Uint'}: parsing ${quote(text)}: ${why}`);
  if (!integer.test(text) || (!signed && /^[+-]/.test(text))) throw fail('invalid syntax');
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const limit = signed ? (1n << BigInt(bits - 1)) - (negative ? 0n : 1n) : (1n << BigInt(bits)) - 1n;
  if (value > limit) throw fail('value out of range');
  return Number(negative ? -value : value);
}

const unitNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's time.ParseDuration, in nanoseconds. */
export function parseDuration(text: string): number {
  const invalid = () => new Error(`time: invalid duration ${quote(text)}`);
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (rest === '') throw invalid();
  let total = 0;
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) throw invalid();
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unit === '') throw new Error(`time: missing unit in duration ${quote(text)}`);
    const scale = Object.hasOwn(unitNanoseconds, unit) ? unitNanoseconds[unit] : undefined;
    if (scale === undefined) throw new Error(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`);
    total += Math.trunc(Number(number) * scale);
    rest = rest.slice(unit.length);
  }
  if (total > 2 ** 63) throw invalid();
  return sign * total;
}
