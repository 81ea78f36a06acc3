/**
 * JSON as Go's encoding/json writes it: with escapeHtml `<`, `>` and `&` are escaped too. Values undefined in objects are left out.
 * @param indent spaces per level; none for one line
 */
export function goJson(value: unknown, { indent = 0, escapeHtml = true } = {}): string {
  const text = JSON.stringify(value, replacer, indent) ?? 'null';
  const escaped = text.replace(/[\u2028\u2029]/g, (char) => (char === '\u2028' ? '\\u2028' : '\\u2029'));
  if (!escapeHtml) return escaped;
  return escaped.replace(/[<>&]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && value !== null && 'toGoJson' in value && typeof value.toGoJson === 'function') {
    return value.toGoJson();
  }
  return value;
}
