import { formatG, goExponent } from '../values/float.ts';
import { quote } from '../values/go-quote.ts';
import { formatValue } from './print.ts';
import { isGoFloat, isMap, isTypedNil, noValue, sortedKeys, structTypeOf, typeName } from './values.ts';

interface Directive {
  flags: string;
  width: number | undefined;
  precision: number | undefined;
  verb: string;
}

/** Go's fmt.Sprintf for the values that templates have. */
export function sprintf(format: string, ...args: unknown[]): string {
  let next = 0;
  let out = '';
  let reordered = false;
  const pattern = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?(.|$)|[^%]+/gsu;
  for (const match of format.matchAll(pattern)) {
    if (!match[0].startsWith('%')) {
      out += match[0];
      continue;
    }
    const star = (text: string | undefined): number | undefined =>
      text === '*' ? Number(args[next++]) : text === undefined ? undefined : Number(text);
    const width = star(match[2]);
    const precision = star(match[3]);
    if (match[4] !== undefined) {
      next = Number(match[4]) - 1;
      reordered = true;
    }
    const verb = match[5] ?? '';
    if (verb === '%') out += '%';
    else if (verb === '') out += '%!(NOVERB)';
    else if (next >= args.length) out += `%!${verb}(MISSING)`;
    else out += formatArgument({ flags: match[1] ?? '', width, precision, verb }, args[next++]);
  }
  if (next < args.length && !reordered) {
    const extra = args.slice(next).map((arg) => `${describe(arg)}`);
    out += `%!(EXTRA ${extra.join(', ')})`;
  }
  return out;
}

function describe(arg: unknown): string {
  return isNil(arg) ? '<nil>' : `${typeName(arg)}=${formatValue(arg)}`;
}

function isNil(value: unknown): boolean {
  return value === null || value === undefined || value === noValue;
}

function formatArgument(directive: Directive, arg: unknown): string {
  const text = convert(directive, arg);
  return text === undefined ? bad(directive.verb, arg) : pad(directive, text, arg);
}

function bad(verb: string, arg: unknown): string {
  return isNil(arg) ? `%!${verb}(<nil>)` : `%!${verb}(${typeName(arg)}=${formatValue(arg)})`;
}

function convert(directive: Directive, arg: unknown): string | undefined {
  const { verb, flags } = directive;
  if (verb === 'T') return typeName(arg);
  if (isNil(arg)) return verb === 'v' ? '<nil>' : undefined;
  if (verb === 'v' && directive.precision === undefined) {
    return flags.includes('#') ? goSyntax(arg) : formatValue(arg, flags.includes('+'));
  }
  if (isTypedNil(arg)) return verb === 'v' ? formatValue(arg) : convertList(directive, []);
  if (isGoFloat(arg)) return formatFloat(directive, arg.value);
  if (Array.isArray(arg)) return convertList(directive, arg);
  if (structTypeOf(arg))
    return `{${Object.values(arg as object)
      .map((item) => element(directive, item))
      .join(' ')}}`;
  if (isMap(arg)) {
    const items = sortedKeys(arg).map((key) => `${element(directive, key)}:${element(directive, arg[key])}`);
    return `map[${items.join(' ')}]`;
  }
  switch (typeof arg) {
    case 'string':
      return formatString(directive, arg);
    case 'boolean':
      return verb === 't' || verb === 'v' ? String(arg) : undefined;
    case 'bigint':
      return formatInteger(directive, arg);
    case 'number':
      return Number.isInteger(arg) ? formatInteger(directive, BigInt(arg)) : formatFloat(directive, arg);
    default:
      return String(arg);
  }
}

function convertList(directive: Directive, items: readonly unknown[]): string {
  return `[${items.map((item) => element(directive, item)).join(' ')}]`;
}

function element(directive: Directive, item: unknown): string {
  return convert(directive, item) ?? bad(directive.verb, item);
}

function goSyntax(arg: unknown): string {
  if (typeof arg === 'string') return JSON.stringify(arg);
  if (Array.isArray(arg)) return `${typeName(arg)}{${arg.map(goSyntax).join(', ')}}`;
  if (isMap(arg)) {
    const items = sortedKeys(arg).map((key) => `${JSON.stringify(key)}:${goSyntax(arg[key])}`);
    return `${typeName(arg)}{${items.join(', ')}}`;
  }
  return formatValue(arg);
}

function formatString({ verb, flags, precision }: Directive, text: string): string | undefined {
  const cut = precision === undefined ? text : [...text].slice(0, precision).join('');
  switch (verb) {
    case 's':
    case 'v':
      return cut;
    case 'q':
      return flags.includes('#') && !cut.includes('`') ? `\`${cut}\`` : quote(cut);
    case 'x':
    case 'X': {
      const bytes = [...new TextEncoder().encode(text)].slice(0, precision);
      const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(flags.includes(' ') ? ' ' : '');
      return verb === 'x' ? hex : hex.toUpperCase();
    }
    default:
      return undefined;
  }
}

function formatInteger({ verb, flags, precision }: Directive, value: bigint): string | undefined {
  const bases: Record<string, number> = { d: 10, v: 10, x: 16, X: 16, o: 8, O: 8, b: 2 };
  const prefixes: Record<string, string> = { x: '0x', X: '0X', o: '0', O: '0o', b: '0b' };
  if (verb === 'c') return String.fromCodePoint(Number(value));
  if (verb === 'q') return `'${String.fromCodePoint(Number(value))}'`;
  if (verb === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  const base = bases[verb];
  if (base === undefined) return undefined;
  const digits = (value < 0n ? -value : value).toString(base).padStart(precision ?? 0, '0');
  const prefix = flags.includes('#') || verb === 'O' ? (prefixes[verb] ?? '') : '';
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + prefix + (verb === 'X' ? digits.toUpperCase() : digits);
}

function formatFloat({ verb, flags, precision }: Directive, value: number): string | undefined {
  const sign = value >= 0 && flags.includes('+') ? '+' : value >= 0 && flags.includes(' ') ? ' ' : '';
  switch (verb) {
    case 'f':
    case 'F':
      return sign + value.toFixed(precision ?? 6);
    case 'e':
    case 'E': {
      const [mantissa, exponent] = value.toExponential(precision ?? 6).split('e');
      return `${sign}${mantissa}${verb}${goExponent(Number(exponent))}`;
    }
    case 'g':
    case 'G':
    case 'v':
      return sign + formatG(value, precision ?? -1);
    default:
      return undefined;
  }
}

function pad({ flags, width, verb }: Directive, text: string, arg: unknown): string {
  if (width === undefined || Array.isArray(arg)) return text;
  const missing = Math.abs(width) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-') || width < 0) return text + ' '.repeat(missing);
  const zeros = flags.includes('0') && verb !== 'v' ? '0'.repeat(missing) : undefined;
  if (zeros === undefined) return ' '.repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return typeof arg === 'string' ? zeros + text : sign + zeros + text.slice(sign.length);
}
