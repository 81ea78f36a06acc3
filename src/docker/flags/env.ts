import { invalid } from '../errors.ts';

/** The value of an environment variable of the caller, or undefined. */
export type Lookup = (name: string) => string | undefined;

const byteOrderMark = '\uFEFF';

/**
 * The content of an env file or label file as `NAME=value` lines: blank lines and those that begin with `#` are skipped,
 * leading white space is dropped, nothing is unquoted. A name alone takes its value from `lookup`, or is skipped without
 * one (docker's rules for env files); with `keepEmpty` it is kept as `NAME` (label files).
 * @param content bytes, so that bad UTF-8 is noticed
 * @param file the name for error sentences
 * @throws DockerError `invalid`
 */
export function parseEnvFile(content: Uint8Array, file: string, lookup?: Lookup): string[] {
  const variables: string[] = [];
  for (const [index, bytes] of splitLines(content).entries()) {
    const line = decode(bytes, file, index).replace(/^[ \t\n\v\f\r]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    const name = equals < 0 ? line : line.slice(0, equals);
    if (/\s/.test(name)) throw invalid(`invalid env file (${file}): variable '${name}' contains whitespaces`);
    if (name === '') throw invalid(`invalid env file (${file}): no variable name on line '${line}'`);
    if (equals >= 0) variables.push(line);
    else if (!lookup) variables.push(name);
    else {
      const value = lookup(name);
      if (value !== undefined) variables.push(`${name}=${value}`);
    }
  }
  return variables;
}

function splitLines(content: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < content.length; ) {
    const newline = content.indexOf(10, start);
    const end = newline < 0 ? content.length : newline;
    lines.push(content.subarray(start, content[end - 1] === 13 && end > start ? end - 1 : end));
    start = end + 1;
  }
  return lines;
}

function decode(bytes: Uint8Array, file: string, index: number): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return index === 0 && text.startsWith(byteOrderMark) ? text.slice(1) : text;
  } catch {
    throw invalid(`invalid env file (${file}): invalid utf8 bytes at line ${index + 1}: [${[...bytes].join(' ')}]`);
  }
}

/**
 * One value of -e/--env: `NAME=value`, or `NAME`, which takes the caller's value or, without one, stays alone
 * (then it unsets a variable of the image).
 * @throws DockerError `invalid`
 */
export function parseEnv(value: string, lookup: Lookup): string {
  const equals = value.indexOf('=');
  if (value === '' || equals === 0) throw invalid(`invalid environment variable: ${value}`);
  if (equals > 0) return value;
  const found = lookup(value);
  return found === undefined ? value : `${value}=${found}`;
}

/** Variables of files, then of flags; the last of one name wins at the place where the first stood. */
export function mergeEnv(...lists: readonly (readonly string[])[]): string[] {
  const merged = new Map<string, string>();
  for (const variable of lists.flat()) merged.set(variable.split('=', 1)[0] ?? variable, variable);
  return [...merged.values()];
}

/**
 * One value of -l/--label: `key` or `key=value`.
 * @throws DockerError `invalid`
 */
export function parseLabel(value: string): [key: string, value: string] {
  const equals = value.indexOf('=');
  const key = equals < 0 ? value : value.slice(0, equals);
  if (key === '') throw invalid(`invalid label '${value}': empty name`);
  if (/\s/.test(key)) throw invalid(`label '${key}' contains whitespaces`);
  return [key, equals < 0 ? '' : value.slice(equals + 1)];
}

/** The content of label files, then the -l values, as `Config.Labels`; the last of one key wins. */
export function parseLabels(
  files: readonly { name: string; content: Uint8Array }[],
  values: readonly string[],
): Record<string, string> {
  const lines = files.flatMap(({ name, content }) => parseEnvFile(content, name));
  return Object.fromEntries([...lines, ...values].map(parseLabel));
}
