import { DockerError } from '../../docker/errors.ts';

const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * The value of an `until` filter: a Go duration before now, a date, or seconds since 1970.
 * @returns milliseconds since 1970
 */
export function parseTimestamp(text: string, now: number): number {
  if (/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    let ago = 0;
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
      ago += Number(amount) * unitMs[unit!]!;
    return now - ago;
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // Without a zone, Go takes the local one; so does Date, but for a date alone.
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text);
  if (Number.isNaN(at)) throw new DockerError('invalid', `invalid filter 'until=${text}'`);
  return at;
}
