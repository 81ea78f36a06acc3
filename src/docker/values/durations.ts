import { DockerError } from '../errors.ts';

const unitNanos: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/**
 * A Go duration (`1h30m`, `1.5s`, `-2ms`, `0`) in nanoseconds.
 * @throws DockerError `invalid` `time: invalid duration "…"` and its kin
 */
export function parseGoDuration(text: string): bigint {
  const sign = text.startsWith('-') ? -1n : 1n;
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0n;
  const failure = (what: string): DockerError => new DockerError('invalid', `time: ${what} ${JSON.stringify(text)}`);
  if (body === '') throw failure('invalid duration');
  let total = 0n;
  let at = 0;
  for (const match of body.matchAll(/(\d*)(?:\.(\d*))?([^\d.]*)/gy)) {
    if (match[0] === '') break;
    const [all, whole = '', places = '', unit = ''] = match;
    if (whole === '' && places === '') throw failure('invalid duration');
    if (unit === '') throw failure('missing unit in duration');
    const nanos = unitNanos[unit];
    if (nanos === undefined) {
      throw new DockerError(
        'invalid',
        `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`,
      );
    }
    total += BigInt(whole || '0') * nanos + (BigInt(places || '0') * nanos) / 10n ** BigInt(places.length);
    at += all.length;
  }
  if (at !== body.length || total > 1n << 63n) throw failure('invalid duration');
  return sign * total;
}

/** Nanoseconds as Go prints a time.Duration: `1h0m0s`, `1.5s`, `100ms`, `0s`. */
export function formatGoDuration(nanoseconds: bigint | number): string {
  const value = BigInt(nanoseconds);
  if (value < 0n) return `-${formatGoDuration(-value)}`;
  if (value === 0n) return '0s';
  if (value < 1_000n) return `${value}ns`;
  if (value < 1_000_000n) return `${decimal(value, 1_000n)}µs`;
  if (value < 1_000_000_000n) return `${decimal(value, 1_000_000n)}ms`;
  const minutes = value / 60_000_000_000n;
  const seconds = `${decimal(value % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = String(value % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`;
}

/** Words for a span of time, as docker/go-units HumanDuration: `About a minute`, `3 hours`, `2 weeks`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(milliseconds / 3_600_000 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(milliseconds / 3_600_000 / 24 / 365)} years`;
}
