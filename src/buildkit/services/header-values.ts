import { textOfBytes } from '../../docker/values/byte-text.ts';
import type { HeaderField } from '../../grpc/hpack.ts';

/**
 * The values of a repeated header, as text. Where one of them is not ASCII, BuildKit escapes all of them as in the query
 * of a URL and says so in a header of its own.
 */
export function headerValues(metadata: readonly HeaderField[], name: string): string[] {
  const raw = metadata.filter(([key]) => key === name).map(([, value]) => value);
  const escaped = metadata.some(([key, value]) => key === `${name}-encoded` && /^(1|t|true)$/i.test(value));
  return raw.map((value) => textOfBytes(escaped ? unescapeQuery(value) : value));
}

/** Go's url.QueryUnescape, to bytes; what is not escaped properly is left out as a whole. */
function unescapeQuery(value: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(value)) return '';
  return value
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
