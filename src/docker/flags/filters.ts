import { DockerError } from '../errors.ts';

/** Values per key, in the order given. */
export type Filters = Map<string, string[]>;

/**
 * The values of --filter, `key=value`; keys are lower-cased, both sides trimmed, empty values ignored, as the docker CLI does.
 * @throws DockerError `invalid`
 */
export function parseFilters(values: readonly string[]): Filters {
  const filters: Filters = new Map();
  for (const value of values) {
    if (value === '') continue;
    const equals = value.indexOf('=');
    if (equals < 0) throw new DockerError('invalid', 'bad format of filter (expected name=value)');
    const key = value.slice(0, equals).trim().toLowerCase();
    const list = filters.get(key) ?? [];
    const text = value.slice(equals + 1).trim();
    if (!list.includes(text)) filters.set(key, [...list, text]);
  }
  return filters;
}

/**
 * The form of one value, for the table of flags.
 * @throws DockerError `invalid`
 */
export function checkFilter(value: string): void {
  parseFilters([value]);
}

/**
 * Refuses keys that a list does not know.
 * @throws DockerError `invalid` `invalid filter 'x'`
 */
export function checkFilterKeys(filters: Filters, allowed: readonly string[]): void {
  for (const key of filters.keys()) {
    if (!allowed.includes(key)) throw new DockerError('invalid', `invalid filter '${key}'`);
  }
}

/**
 * A filter that is true or false.
 * @returns fallback if it was not given
 * @throws DockerError `invalid`
 */
export function booleanFilter(filters: Filters, key: string, fallback: boolean): boolean {
  const values = filters.get(key);
  if (!values) return fallback;
  const parsed = values.map((value) => ({ 1: true, true: true, 0: false, false: false })[value.toLowerCase()]);
  const [first] = parsed;
  if (first === undefined || parsed.some((value) => value !== first)) {
    throw new DockerError('invalid', `invalid filter '${key}=[${values.join(' ')}]'`);
  }
  return first;
}

/** All of the wanted `key` or `key=value` are among the labels. */
export function matchLabels(wanted: readonly string[] | undefined, labels: Readonly<Record<string, string>>): boolean {
  return (wanted ?? []).every((entry) => {
    const equals = entry.indexOf('=');
    const key = equals < 0 ? entry : entry.slice(0, equals);
    return Object.hasOwn(labels, key) && (equals < 0 || labels[key] === entry.slice(equals + 1));
  });
}

/** One of the wanted texts is the value itself, a part of it, or a regular expression that matches it; true without any. */
export function matchText(wanted: readonly string[] | undefined, value: string): boolean {
  return (
    wanted === undefined || wanted.length === 0 || wanted.some((text) => text === value || searchText(text, value))
  );
}

function searchText(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return value.includes(pattern);
  }
}
