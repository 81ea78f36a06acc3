import { invalid } from '../errors.ts';
import { parseGoDuration } from '../values/durations.ts';
import { quote } from '../values/go-quote.ts';
import type { Filters } from './filters.ts';

/** What is chosen of the build cache. */
export interface CacheFilter {
  /** Records that were used within these nanoseconds stay. */
  keepDuration: number;
  /** BuildKit's own filters. */
  filter: string[];
}

/**
 * --filter of `buildx prune` and `buildx du`: `until` (also `unused-for`) is a duration, `id` a pattern, the rest are
 * fields of BuildKit's records.
 * @throws DockerError `invalid`, in buildx's words
 */
export function cacheFilter(filters: Filters): CacheFilter {
  if (filters.has('until') && filters.has('unused-for')) {
    throw invalid('conflicting filters "until" and "unused-for"');
  }
  const untilKey = filters.has('unused-for') ? 'unused-for' : 'until';
  const parts: string[] = [];
  let keepDuration = 0;
  for (const [key, values] of filters) {
    if (values.length > 1) throw invalid(`${quote(key)} filter expects only one value`);
    const [value = ''] = values;
    if (key === untilKey) keepDuration = duration(key, value);
    else if (key === 'id') parts.push(`id~=${value}`);
    else parts.push(/[!~]$/.test(key) ? `${key}=${value}` : `${key}==${value}`);
  }
  return { keepDuration, filter: parts.length > 0 ? [parts.join(',')] : [] };
}

function duration(key: string, value: string): number {
  try {
    return Number(parseGoDuration(value));
  } catch (error) {
    throw invalid(`${quote(key)} filter expects a duration (e.g., '24h'): ${(error as Error).message}`);
  }
}
