import { DockerError } from '../../docker/errors.ts';
import { booleanFilter, checkFilterKeys, type Filters } from '../../docker/flags/filters.ts';
import type { RegistryOptions } from '../../registry/client.ts';
import { entryText, isRegistryError } from '../../registry/errors.ts';
import { type SearchResult, searchRegistry } from '../../registry/search.ts';

export type { SearchResult } from '../../registry/search.ts';

const defaultLimit = 25;

/**
 * Searches the hub, or the registry that the term begins with; the order is the registry's, as in docker.
 * Filters: `is-official`, `stars` (at least), and `is-automated`, which nothing is any more.
 * @param limit 0: docker's default
 * @throws DockerError in docker's words
 */
export async function searchImages(
  term: string,
  { filters, limit }: { filters: Filters; limit: number },
  options: RegistryOptions,
): Promise<SearchResult[]> {
  checkFilterKeys(filters, ['is-automated', 'is-official', 'stars']);
  const automated = booleanFilter(filters, 'is-automated', false);
  const official = filters.has('is-official') ? booleanFilter(filters, 'is-official', false) : undefined;
  const stars = Math.max(0, ...(filters.get('stars') ?? []).map(starFilter));
  if (/^https?:\/\//.test(term)) {
    throw new DockerError('invalid', `invalid repository name: repository name (${term}) should not have a scheme`);
  }
  if (limit > 100) throw new DockerError('invalid', `Limit ${limit} is outside the range of [1, 100]`);
  if (automated) return [];
  const { domain, name } = splitTerm(term);
  try {
    const found = await searchRegistry(domain, name, limit > 0 ? limit : defaultLimit, options);
    return found.filter((result) => (official === undefined || result.official === official) && result.stars >= stars);
  } catch (error) {
    options.signal.throwIfAborted();
    if (!isRegistryError(error)) throw error;
    const [entry] = error.entries;
    throw new DockerError('system', entry ? entryText(entry) : error.message, { cause: error });
  }
}

function starFilter(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new DockerError('invalid', `invalid filter 'stars=${text}'`);
  return Number(text);
}

/** docker's rule: the first part is a registry when it looks like a host. */
function splitTerm(term: string): { domain: string; name: string } {
  const slash = term.indexOf('/');
  const first = slash < 0 ? '' : term.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first);
  if (isHost && !/^(index\.)?docker\.io$/.test(first)) return { domain: first, name: term.slice(slash + 1) };
  const name = isHost ? term.slice(slash + 1) : term;
  return { domain: 'docker.io', name: name.replace(/^library\//, '') };
}
