import { goJson } from '../../docker/values/go-json.ts';

/** What --metadata-file gets: what BuildKit answered, its encoded JSON decoded, as buildx writes it. */
export function metadataJson(response: Readonly<Record<string, string>>): string {
  const decoded = Object.entries(response)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, decode(key, value) ?? value]);
  return goJson(Object.fromEntries(decoded), { indent: 2 });
}

function decode(key: string, value: string): unknown {
  const plain = key === 'result.json';
  if (!plain && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(plain ? value : Buffer.from(value, 'base64').toString());
    return typeof parsed === 'object' && parsed !== null && Object.keys(parsed).length > 0 ? parsed : undefined;
  } catch {
    return undefined;
  }
}
