import { maxDocumentBytes, parseJson } from '../docker/oci.ts';
import type { RegistryOptions } from './client.ts';
import { authorized, openEndpoint } from './endpoint.ts';
import { isRegistryError, RegistryError } from './errors.ts';
import { type RegistryHost, registryHosts } from './hosts.ts';
import { readBody } from './http.ts';
import { withRetries } from './retry.ts';

export interface SearchResult {
  name: string;
  description: string;
  stars: number;
  official: boolean;
}

/**
 * Asks the registry itself, never a mirror, for repositories: `GET /v1/search`, which the hub and a few others have kept
 * of the first registry API.
 * @param limit how many results, 1 to 100
 * @throws RegistryError, also for a registry that has no search
 */
export async function searchRegistry(
  domain: string,
  term: string,
  limit: number,
  options: RegistryOptions,
): Promise<SearchResult[]> {
  const host = searchHost(domain, options);
  const endpoint = openEndpoint(host, domain, options);
  const url = new URL(`${host.url}/search`);
  url.searchParams.set('q', term);
  url.searchParams.set('n', String(limit));
  try {
    return await withRetries(
      async () => {
        const request = { method: 'GET', url: url.href, signal: options.signal } as const;
        const response = await authorized(endpoint, request, 'registry:catalog:search');
        return resultsIn(await readBody(response, maxDocumentBytes), domain);
      },
      { ...options.retry, signal: options.signal },
    );
  } catch (error) {
    if (isRegistryError(error) && [404, 405, 410].includes(error.status)) throw withoutSearch(domain, error);
    throw error;
  } finally {
    endpoint.http.close();
  }
}

const hubIndex = 'https://index.docker.io/v1';

function searchHost(domain: string, { hostsDirs, insecure }: RegistryOptions): RegistryHost {
  const hosts = registryHosts(domain, { dirs: hostsDirs, insecure });
  const itself = hosts.find(({ mirror }) => !mirror) ?? hosts.at(-1)!;
  const { origin, host } = new URL(itself.url);
  return { ...itself, url: host === 'registry-1.docker.io' ? hubIndex : `${origin}/v1` };
}

const withoutSearch = (domain: string, cause?: unknown): RegistryError =>
  new RegistryError(`the registry ${domain} has no search: it does not know /v1/search`, { temporary: false, cause });

function resultsIn(bytes: Uint8Array, domain: string): SearchResult[] {
  let results: unknown;
  try {
    results = parseJson(bytes, domain).results;
  } catch (cause) {
    // The front page of something else.
    throw withoutSearch(domain, cause);
  }
  if (!Array.isArray(results)) throw withoutSearch(domain);
  return results.flatMap((result: Record<string, unknown> | null) => {
    if (typeof result?.name !== 'string') return [];
    const { name, description, star_count: stars, is_official: official } = result;
    return {
      name: oneLine(name),
      description: typeof description === 'string' ? oneLine(description) : '',
      stars: Number.isSafeInteger(stars) ? Number(stars) : 0,
      official: official === true,
    };
  });
}

/** Nobody who describes an image moves our cursor. */
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
