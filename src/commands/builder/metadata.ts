import { jsonWarning } from '../../docker/build-progress/rawjson.ts';
import type { BuildWarning } from '../../docker/build-progress/status.ts';
import { parseGoBool } from '../../docker/flags/bool.ts';
import { goJson } from '../../docker/values/go-json.ts';

/** Of a build, but for what BuildKit answered. */
export interface MetadataFacts {
  ref: string;
  warnings: readonly BuildWarning[];
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * What --metadata-file gets: what BuildKit answered, its encoded JSON decoded, as buildx writes it.
 * @param facts undefined for a question
 */
export function metadataJson(response: Readonly<Record<string, string>>, facts?: MetadataFacts): string {
  const all: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(response)) all[key] = decode(key, value) ?? value;
  // As buildx: builder, its node, and the build.
  if (facts) all['buildx.build.ref'] = `default/default/${facts.ref}`;
  const tellsWarnings = parseGoBool(facts?.env.BUILDX_METADATA_WARNINGS ?? '') ?? false;
  if (tellsWarnings && facts && facts.warnings.length > 0) {
    all['buildx.build.warnings'] = facts.warnings.map(jsonWarning);
  }
  return goJson(Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))), { indent: 2 });
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
