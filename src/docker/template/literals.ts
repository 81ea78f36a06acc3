/** The value of a quoted Go string or rune, or undefined if it is malformed. */
export function unquote(text: string): string | undefined {
  const quote = text[0] ?? '';
  const body = text.slice(1, -1);
  if (quote === '`') return body.replaceAll('\r', '');
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  const pattern = /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))|([^\\])/gsu;
  let at = 0;
  for (const match of body.matchAll(pattern)) {
    if (match.index !== at) return undefined;
    at += match[0].length;
    const [, simple, hex, short, long, octal, plain] = match;
    if (simple !== undefined) {
      if ((simple === '"' || simple === "'") && simple !== quote) return undefined;
      bytes.push(...encoder.encode(escapes[simple] ?? simple));
    } else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) {
      const value = Number.parseInt(octal, 8);
      if (value > 255) return undefined;
      bytes.push(value);
    } else if (plain !== undefined) {
      if (plain === '\n' || plain === quote) return undefined;
      bytes.push(...encoder.encode(plain));
    } else {
      const code = Number.parseInt(short ?? long ?? '', 16);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
      bytes.push(...encoder.encode(String.fromCodePoint(code)));
    }
  }
  return at === body.length ? new TextDecoder().decode(Uint8Array.from(bytes)) : undefined;
}

const escapes: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A Go number literal; undefined if it is malformed or, being complex, of no use here. */
export function parseNumber(text: string): { value: number | bigint; isFloat: boolean } | undefined {
  const plain = text.replace(/(?<=[0-9a-fA-FxXoObB])_(?=[0-9a-fA-F])/g, '');
  if (plain.includes('_')) return undefined;
  const integer = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.exec(plain);
  if (integer) {
    const digits = integer[2] ?? '0';
    const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
    const value = integer[1] === '-' ? -magnitude : magnitude;
    if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value) return undefined;
    return { value: Number.isSafeInteger(Number(value)) ? Number(value) : value, isFloat: false };
  }
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(plain)) {
    return { value: Number(plain), isFloat: true };
  }
  return undefined;
}
