import { DockerError } from '../errors.ts';
import { quote } from '../values/go-quote.ts';
import { parseCsvLine } from './csv.ts';

/** A value of --cache-from or --cache-to. */
export interface BuildCache {
  /** `registry`, `local`, `inline`, `gha`, `s3` …: BuildKit knows what it has. */
  type: string;
  attrs: Record<string, string>;
}

/**
 * The values of --cache-from or --cache-to: a CSV record of key=value, or references alone.
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseBuildCaches(values: readonly string[]): BuildCache[] {
  return values
    .filter((value) => value !== '')
    .flatMap((value) => {
      const fields = parseCsvLine(value);
      if (!value.includes('=')) return fields.map((ref) => ({ type: 'registry', attrs: { ref } }));
      return [parseEntry(value, fields)];
    });
}

function parseEntry(value: string, fields: readonly string[]): BuildCache {
  const entry: BuildCache = { type: '', attrs: {} };
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals < 0) throw new DockerError('invalid', `invalid value ${field}`);
    const key = field.slice(0, equals).toLowerCase();
    if (key === 'type') entry.type = field.slice(equals + 1);
    else entry.attrs[key] = field.slice(equals + 1);
  }
  if (entry.type === '') throw new DockerError('invalid', `type required for ${quote(value)}`);
  return entry;
}
