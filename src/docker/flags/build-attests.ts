import { invalid } from '../errors.ts';
import { formatPlatform, parsePlatform } from '../platform.ts';
import { quote } from '../values/go-quote.ts';
import { parseGoBool } from './bool.ts';
import { parseCsvLine } from './csv.ts';

/**
 * The values of --attest, and those of --provenance and --sbom after them, as BuildKit takes them: by type, the record
 * of its parameters, or null where it is not wanted. The first of one type wins.
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseAttests(
  values: readonly string[],
  { provenance, sbom }: { provenance: string; sbom: string },
): Map<string, string | null> {
  const all = [...values, ...shorthand('provenance', provenance), ...shorthand('sbom', sbom)];
  const attests = new Map<string, string | null>();
  for (const [type, parameters] of all.map(parseAttest)) if (!attests.has(type)) attests.set(type, parameters);
  return attests;
}

/** `true` or `false` or parameters. */
function shorthand(type: string, value: string): string[] {
  if (value === '') return [];
  const wanted = parseGoBool(value);
  return [`type=${type},${wanted === undefined ? value : `disabled=${!wanted}`}`];
}

function parseAttest(value: string): [type: string, parameters: string | null] {
  let type = '';
  let disabled = false;
  const attrs = new Map<string, string>();
  for (const field of parseCsvLine(value)) {
    const equals = field.indexOf('=');
    if (equals < 0) throw invalid(`invalid value ${field}`);
    const key = field.slice(0, equals);
    const text = field.slice(equals + 1);
    const name = key.toLowerCase().trim();
    if (name === 'type') type = text;
    else if (name === 'disabled') disabled = bool(text, `invalid value ${field}`);
    else attrs.set(key, text);
  }
  if (type === '') throw invalid('attestation type not specified');
  if (disabled) return [type, null];
  const sorted = [...attrs].sort(([a], [b]) => (a < b ? -1 : 1));
  return [type, [`type=${type}`, ...sorted.map(([key, text]) => csvField(`${key}=${text}`))].join(',')];
}

function bool(text: string, context: string): boolean {
  const parsed = parseGoBool(text);
  if (parsed === undefined) throw invalid(`${context}: strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
  return parsed;
}

function csvField(text: string): string {
  return /[,"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const annotationTypes = ['index', 'index-descriptor', 'manifest', 'manifest-descriptor'];

/**
 * The values of --annotation, `[TYPE[PLATFORM],…:]KEY=VALUE`, as attributes of an exporter.
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseAnnotations(values: readonly string[]): Record<string, string> {
  const attrs: Record<string, string> = {};
  for (const value of values.filter((each) => each !== '')) {
    const equals = value.indexOf('=');
    if (equals < 0) throw invalid(`parse annotations: invalid annotation ${quote(value)}, expected key=value`);
    const name = value.slice(0, equals);
    const text = value.slice(equals + 1);
    const colon = name.indexOf(':');
    if (colon < 0) attrs[`annotation.${name}`] = text;
    else
      for (const type of name.slice(0, colon).split(','))
        attrs[`${annotationPrefix(type)}.${name.slice(colon + 1)}`] = text;
  }
  return attrs;
}

/** `annotation-manifest[linux/amd64]` */
function annotationPrefix(text: string): string {
  const match = /^([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?$/.exec(text);
  if (!match) {
    throw invalid(
      `parse annotations: invalid annotation type ${quote(text)}, expected type and optional platform in square brackets`,
    );
  }
  const [, type = '', platform] = match;
  if (!annotationTypes.includes(type)) throw invalid(`parse annotations: unknown annotation type ${quote(type)}`);
  const parsed = platform === undefined ? undefined : annotatedPlatform(platform);
  // There is one index, whatever the platform.
  return `annotation-${type}${parsed === undefined || type.startsWith('index') ? '' : `[${parsed}]`}`;
}

function annotatedPlatform(text: string): string {
  try {
    return formatPlatform(parsePlatform(text));
  } catch (error) {
    throw invalid(`parse annotations: invalid platform ${quote(text)}: ${(error as Error).message}`);
  }
}
