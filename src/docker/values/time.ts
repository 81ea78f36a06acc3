import { DockerError } from '../errors.ts';
import { parseGoDuration } from './durations.ts';

/** Go's zero time, which docker shows for a time that never came. */
export const zeroTime = '0001-01-01T00:00:00Z';

const nanosPerMilli = 1_000_000n;

/** Nanoseconds since 1970 of an RFC 3339 text, all nine places kept; undefined if it is none. */
export function parseRfc3339(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return undefined;
  const millis = Date.parse(`${match[1]}T${match[2]}${match[4]}`);
  return Number.isNaN(millis) ? undefined : BigInt(millis) * nanosPerMilli + BigInt((match[3] ?? '').padEnd(9, '0'));
}

/** RFC 3339 in UTC with as many places as needed (Go's RFC3339Nano), of nanoseconds since 1970 or a Date. */
export function formatRfc3339Nano(time: bigint | Date): string {
  const nanos = typeof time === 'bigint' ? time : BigInt(time.getTime()) * nanosPerMilli;
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((nanos - fraction) / nanosPerMilli)).toISOString().slice(0, 19);
  const places = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`;
  return `${seconds}${places}Z`;
}

/**
 * A value of --since or --until, in nanoseconds since 1970: unix seconds with a fraction, a Go duration before now, or a date
 * as docker takes it (`2013-01-02T15:04:05`, `2013-01-02T15:04`, `2013-01-02`, with or without a zone; without: `localOffset`).
 * @param now milliseconds since 1970
 * @param localOffset minutes east of UTC of the caller's clock at a given time
 * @throws DockerError `invalid`
 */
export function parseTimestamp(value: string, now: number, localOffset: (millis: number) => number = () => 0): bigint {
  const unix = /^(\d+)(?:\.(\d{1,9})\d*)?$/.exec(value);
  if (unix) return BigInt(unix[1] ?? 0) * 1_000_000_000n + BigInt((unix[2] ?? '').padEnd(9, '0'));
  const date = parseDate(value, localOffset);
  if (date !== undefined) return date;
  try {
    return BigInt(now) * nanosPerMilli - parseGoDuration(value);
  } catch {
    throw new DockerError('invalid', `failed to parse value as time or duration: "${value}"`);
  }
}

function parseDate(value: string, localOffset: (millis: number) => number): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(
    value,
  );
  if (!match) return undefined;
  const [, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = match;
  const millis = Date.parse(`${day}T${hour}:${minute}:${second}${zone ?? 'Z'}`);
  if (Number.isNaN(millis)) return undefined;
  const shift = zone === undefined ? localOffset(millis) * 60_000 : 0;
  return BigInt(millis - shift) * nanosPerMilli + BigInt(fraction.padEnd(9, '0'));
}

/** As `{{.CreatedAt}}` prints: `2006-01-02 15:04:05 -0700 MST`, in the zone that the caller names. */
export function formatCreatedAt(
  millis: number,
  zone: { offset: number; name: string } = { offset: 0, name: 'UTC' },
): string {
  const local = new Date(millis + zone.offset * 60_000).toISOString();
  const minutes = Math.abs(zone.offset);
  const hhmm = String(Math.trunc(minutes / 60)).padStart(2, '0') + String(minutes % 60).padStart(2, '0');
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${zone.offset < 0 ? '-' : '+'}${hhmm} ${zone.name}`;
}

/** Seconds since 1970 as Go prints RFC 3339 in the zone of the process: `2024-01-02T04:04:05+01:00`, `…Z` for UTC. */
export function formatLocalRfc3339(seconds: number): string {
  const minutes = -new Date(seconds * 1000).getTimezoneOffset();
  const local = new Date(seconds * 1000 + minutes * 60_000).toISOString().slice(0, 19);
  if (minutes === 0) return `${local}Z`;
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
