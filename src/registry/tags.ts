import { maxDocumentBytes, parseJson } from '../docker/oci.ts';
import { RegistryError } from './errors.ts';
import { type HttpResponse, readBody, redacted } from './http.ts';

/** More than any repository has: what lists more never ends. */
const tagLimit = 1_000_000;

/**
 * All tags of a repository, page by page, in the registry's order. Reference: OCI distribution-spec, "Listing Tags".
 * @param get asks for a resource below the repository
 */
export async function readTags(get: (resource: string) => Promise<HttpResponse>): Promise<string[]> {
  const tags = new Set<string>();
  let query = '';
  for (;;) {
    const before = tags.size;
    const response = await get(`tags/list${query}`);
    const where = redacted(new URL(response.url));
    const list = parseJson(await readBody(response, maxDocumentBytes), where).tags ?? [];
    if (!Array.isArray(list)) throw new RegistryError(`${where}: the answer is no list of tags`, { temporary: false });
    for (const tag of list) if (typeof tag === 'string') tags.add(tag);
    if (tags.size > tagLimit) {
      throw new RegistryError(`${where}: lists more than ${tagLimit} tags`, { temporary: false });
    }
    const next = nextPage(response.headers.link, response.url);
    // A registry that says the same again would be asked for ever.
    if (next === undefined || next === query || tags.size === before) return [...tags];
    query = next;
  }
}

/** Of the link only the query is used: where to ask stays ours to say. */
function nextPage(header: string | string[] | undefined, from: string): string | undefined {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(String(header ?? ''))?.[1];
  if (link === undefined) return undefined;
  try {
    const { searchParams } = new URL(link, from);
    searchParams.delete('ns');
    return `?${searchParams}`;
  } catch {
    return undefined;
  }
}
