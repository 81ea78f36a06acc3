import { invalid } from '../errors.ts';
import { parseInt64 } from '../values/integer.ts';

/** An entry of `HostConfig.Ulimits`; -1 is unlimited. */
export interface Ulimit {
  Name: string;
  Hard: number;
  Soft: number;
}

/** Names without the `RLIMIT_` prefix of the kernel, lower case. */
export const ulimitNames = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/**
 * The values of --ulimit, `name=soft[:hard]`; the last of one name wins.
 * @throws DockerError `invalid`, in go-units' words
 */
export function parseUlimits(values: readonly string[]): Ulimit[] {
  const limits = new Map<string, Ulimit>();
  for (const value of values) {
    const limit = parseUlimit(value);
    limits.set(limit.Name, limit);
  }
  return [...limits.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** One value of --ulimit. */
export function parseUlimit(value: string): Ulimit {
  const equals = value.indexOf('=');
  if (equals < 0) throw invalid(`invalid ulimit argument: ${value}`);
  const Name = value.slice(0, equals);
  const text = value.slice(equals + 1);
  if (!ulimitNames.includes(Name)) throw invalid(`invalid ulimit type: ${Name}`);
  const parts = text.split(':');
  if (parts.length > 2) {
    throw invalid(`too many limit value arguments - ${text}, can only have up to two, \`soft[:hard]\``);
  }
  const Soft = parseInt64(parts[0] ?? '');
  const Hard = parts[1] === undefined ? Soft : parseInt64(parts[1]);
  const order = 'ulimit soft limit must be less than or equal to hard limit';
  if (Hard !== -1 && Soft === -1) throw invalid(`${order}: soft: -1 (unlimited), hard: ${Hard}`);
  if (Hard !== -1 && Soft > Hard) throw invalid(`${order}: ${Soft} > ${Hard}`);
  return { Name, Hard, Soft };
}
