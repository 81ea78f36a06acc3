/** Go's strconv.Quote. */
export function quote(text: string): string {
  const named: Record<string, string> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\v': '\\v' };
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})|\\b|\x7f/g, (escaped, hex) => {
    if (escaped === '\x7f') return '\\x7f';
    return hex === undefined ? '\\b' : (named[String.fromCharCode(Number.parseInt(hex, 16))] ?? `\\x${hex}`);
  });
}
