/** Which entries are wanted, and how they look. */
export interface EntryFormat {
  /** Nanoseconds since 1970; entries before it are left out. */
  since?: bigint;
  /** Nanoseconds since 1970; the first entry after it ends the reading. */
  until?: bigint;
  /** Put docker's timestamp (RFC3339 with nine digits) before each entry. */
  timestamps?: boolean;
}

export type StreamName = 'stdout' | 'stderr';

/** Text runs of one stream, in the order of the log; false = nothing after it is wanted. */
export type Emit = (stream: StreamName, latin1: string) => void;

const prefix = '{"log":"';
const middle = '","stream":"';
const beforeTime = '","time":"';

/**
 * Takes complete lines of docker's json-file (also Go nerdctl's). Strings hold bytes (latin1), so that nothing is
 * decoded that is only copied: of most lines a slice is the whole work.
 * @returns false if an entry after `until` has been seen
 */
export function formatEntries(text: string, format: EntryFormat, emit: Emit): boolean {
  const since = format.since === undefined ? undefined : timeKey(format.since);
  const until = format.until === undefined ? undefined : timeKey(format.until);
  const timed = since !== undefined || until !== undefined || format.timestamps === true;
  let run = '';
  let runStream: StreamName = 'stdout';
  const flush = () => {
    if (run !== '') emit(runStream, run);
    run = '';
  };
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) {
    const entry = quickEntry(text, start, end, timed) ?? parsedEntry(text.slice(start, end));
    if (!entry) continue;
    let line = entry.log;
    if (timed) {
      const time = fullTime(entry.time);
      if (since !== undefined && time < since) continue;
      if (until !== undefined && time > until) {
        flush();
        return false;
      }
      if (format.timestamps) line = `${time} ${line}`;
    }
    if (entry.stream !== runStream) {
      flush();
      runStream = entry.stream;
    }
    run += line;
  }
  flush();
  return true;
}

interface Entry {
  log: string;
  stream: StreamName;
  time: string;
}

/** Reads an entry whose only escape is the newline at its end; undefined for all others. */
function quickEntry(text: string, start: number, end: number, timed: boolean): Entry | undefined {
  if (!text.startsWith(prefix, start)) return undefined;
  const from = start + prefix.length;
  const backslash = text.indexOf('\\', from);
  if (backslash < 0 || backslash >= end || text[backslash + 1] !== 'n' || !text.startsWith(middle, backslash + 2))
    return undefined;
  const streamAt = backslash + 2 + middle.length;
  const stream = text.startsWith('stdout"', streamAt) ? 'stdout' : 'stderr';
  let time = '';
  if (timed) {
    const timeAt = streamAt + 'stdout'.length;
    if (!text.startsWith(beforeTime, timeAt)) return undefined;
    time = text.slice(timeAt + beforeTime.length, end - 2);
  }
  return { log: `${text.slice(from, backslash)}\n`, stream, time };
}

/** A line that was cut off by a crash is left out. */
function parsedEntry(line: string): Entry | undefined {
  try {
    const { log = '', stream, time = '' } = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
    return { log: Buffer.from(log).toString('latin1'), stream: stream === 'stderr' ? 'stderr' : 'stdout', time };
  } catch {
    return undefined;
  }
}

/** With nine digits, so that times compare as text. */
function fullTime(time: string): string {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(time);
  if (!parts) return time;
  const [, seconds = '', fraction = '', zone = 'Z'] = parts;
  const utc = zone === 'Z' ? seconds : new Date(Date.parse(`${seconds}${zone}`)).toISOString().slice(0, 19);
  return `${utc}.${fraction.padEnd(9, '0')}Z`;
}

function timeKey(nanoseconds: bigint): string {
  const billion = 1_000_000_000n;
  const fraction = ((nanoseconds % billion) + billion) % billion;
  const seconds = (nanoseconds - fraction) / billion;
  const limit = 253_402_300_799n;
  const clamped = seconds > limit ? limit : seconds < 0n ? 0n : seconds;
  const text = new Date(Number(clamped) * 1000).toISOString().slice(0, 19);
  return `${text}.${String(fraction).padStart(9, '0')}Z`;
}
