import { invalid } from '../errors.ts';
import { formatG } from './float.ts';

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

/** Divides until below `base`, then prints with `precision` significant digits: the arithmetic of docker/go-units. */
export function customSize(
  size: number,
  base: number,
  units: readonly string[],
  precision: number,
  space = '',
): string {
  let unit = 0;
  let value = size;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return `${formatG(value, precision)}${space}${units[unit]}`;
}

/** 1000-based with four digits: `1.234MB`. Used by images, ps -s, df. */
export function humanSize(bytes: number): string {
  return customSize(bytes, 1000, decimalUnits, 4);
}

/** As humanSize, with the given number of significant digits (3 in pull progress and `docker ps`). */
export function humanSizeWithPrecision(bytes: number, precision: number): string {
  return customSize(bytes, 1000, decimalUnits, precision);
}

/** 1024-based: `1.5GiB`. Used by info and stats. */
export function bytesSize(bytes: number): string {
  return customSize(bytes, 1024, binaryUnits, 4);
}

const exponents: Record<string, number> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * `64m`, `1.5GiB`, `64 MB` as bytes, 1024-based (go-units RAMInBytes).
 * @throws DockerError `invalid` `invalid size: '…'` or `invalid suffix: '…'`
 */
export function parseMemory(text: string): number {
  const last = Math.max(...[...'0123456789. '].map((digit) => text.lastIndexOf(digit)));
  if (last < 0) throw invalid(`invalid size: '${text}'`);
  const number = text.slice(0, text[last] === ' ' ? last : last + 1);
  const suffix = text.slice(last + 1).toLowerCase();
  if (number.startsWith('-')) throw invalid(`invalid size: '${text}'`);
  if (!/^\+?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(number.replace(/(?<=\d)_(?=\d)/g, ''))) {
    throw invalid(`strconv.ParseFloat: parsing "${number}": invalid syntax`);
  }
  const match = /^([kmgtp]?)(?:i?b)?$/.exec(suffix);
  const power = match && suffix !== 'ib' ? exponents[match[1] ?? ''] : undefined;
  if (power === undefined) throw invalid(`invalid suffix: '${suffix}'`);
  return Math.trunc(Number(number.replaceAll('_', '')) * 1024 ** power);
}
