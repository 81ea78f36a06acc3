import { formatValue } from './print.ts';
import { sprintf } from './printf.ts';
import {
  compareStrings,
  isGoFloat,
  isMap,
  isNumber,
  isTypedNil,
  noValue,
  structTypeOf,
  type TemplateFunction,
  typedNil,
  typeName,
} from './values.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The functions that text/template has itself; `and` and `or` are the executor's, because they stop early. */
export const builtins: Readonly<Record<string, TemplateFunction>> = {
  and: { params: ['any'], rest: 'any', call: (first: unknown) => first },
  or: { params: ['any'], rest: 'any', call: (first: unknown) => first },
  not: { params: ['any'], call: (value: unknown) => value },
  len: { params: ['any'], call: length },
  index: { params: ['any'], rest: 'any', call: index },
  slice: { params: ['any'], rest: 'any', call: slice },
  call: { params: ['any'], rest: 'any', call: callValue },
  print: { params: [], rest: 'any', call: sprint },
  printf: { params: ['string'], rest: 'any', call: sprintf },
  println: {
    params: [],
    rest: 'any',
    call: (...args: unknown[]) => `${args.map((arg) => formatValue(arg)).join(' ')}\n`,
  },
  html: { params: [], rest: 'any', call: (...args: unknown[]) => escapeHtml(joined(args)) },
  js: { params: [], rest: 'any', call: (...args: unknown[]) => escapeJs(joined(args)) },
  urlquery: { params: [], rest: 'any', call: (...args: unknown[]) => escapeQuery(joined(args)) },
  eq: { params: ['any'], rest: 'any', call: equalToAny },
  ne: { params: ['any', 'any'], call: (a: unknown, b: unknown) => !equal(a, b) },
  lt: { params: ['any', 'any'], call: (a: unknown, b: unknown) => compare(a, b) < 0 },
  le: { params: ['any', 'any'], call: (a: unknown, b: unknown) => compare(a, b) <= 0 },
  gt: { params: ['any', 'any'], call: (a: unknown, b: unknown) => compare(a, b) > 0 },
  ge: { params: ['any', 'any'], call: (a: unknown, b: unknown) => compare(a, b) >= 0 },
};

function isNil(value: unknown): boolean {
  return value === null || value === undefined || value === noValue;
}

function length(value: unknown): number {
  if (isTypedNil(value)) return 0;
  if (typeof value === 'string') return encoder.encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  if (value === noValue) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  throw new Error(isNil(value) ? 'len of nil pointer' : `len of type ${typeName(value)}`);
}

function index(item: unknown, ...keys: unknown[]): unknown {
  if (isNil(item)) throw new Error('index of untyped nil');
  let value = item;
  for (const key of keys) value = indexOne(value, key);
  return value;
}

function indexOne(item: unknown, key: unknown): unknown {
  if (isNil(item)) throw new Error('index of nil pointer');
  if (isTypedNil(item)) {
    if (item.nilOf.startsWith('map')) return zeroElement(item.nilOf);
    return position(key, 0);
  }
  if (typeof item === 'string') {
    const bytes = encoder.encode(item);
    return bytes[position(key, bytes.length)];
  }
  if (Array.isArray(item)) return item[position(key, item.length)];
  if (!isMap(item)) throw new Error(`can't index item of type ${typeName(item)}`);
  if (isNil(key)) throw new Error('value is nil; should be of type string');
  if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`);
  if (Object.hasOwn(item, key)) return item[key];
  return zeroElement(typeName(item));
}

/** What a map gives for a key it has not: nil, or the zero of its element type. */
function zeroElement(mapType: string): unknown {
  const element = mapType.slice(mapType.indexOf(']') + 1);
  if (element === 'string') return '';
  if (element === 'bool') return false;
  if (element === 'int' || element === 'float64') return 0;
  return element.startsWith('[]') || element.startsWith('map') ? typedNil(element) : noValue;
}

function position(key: unknown, size: number): number {
  if (isNil(key)) throw new Error('cannot index slice/array with nil');
  if (!isNumber(key) || !Number.isInteger(Number(key))) {
    throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  }
  const at = Number(key);
  if (at < 0 || at >= size) throw new Error(`index out of range: ${at}`);
  return at;
}

function slice(item: unknown, ...indexes: unknown[]): unknown {
  if (isNil(item)) throw new Error('slice of untyped nil');
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  if (typeof item === 'string' && indexes.length === 3) throw new Error('cannot 3-index slice a string');
  if (typeof item !== 'string' && !Array.isArray(item)) throw new Error(`can't slice item of type ${typeName(item)}`);
  const sequence = typeof item === 'string' ? encoder.encode(item) : item;
  const size = sequence.length;
  const [from = 0, to = size] = indexes.map((key) => position(key, size + 1));
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return typeof item === 'string' ? decoder.decode(encoder.encode(item).slice(from, to)) : item.slice(from, to);
}

function callValue(value: unknown, ...args: unknown[]): unknown {
  if (isNil(value)) throw new Error('call of nil');
  if (typeof value !== 'function') throw new Error(`non-function of type ${typeName(value)}`);
  return (value as (...args: unknown[]) => unknown)(...args);
}

/** Go's fmt.Sprint: a space between two operands of which neither is a string. */
function sprint(...args: unknown[]): string {
  return args
    .map((arg, i) => {
      const spaced = i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string';
      return (spaced ? ' ' : '') + formatValue(arg);
    })
    .join('');
}

function joined(args: unknown[]): string {
  return args.length === 1 && typeof args[0] === 'string'
    ? args[0]
    : sprint(...args.map((arg) => (isNil(arg) ? noValue : arg)));
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '"': '&#34;',
    "'": '&#39;',
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '\0': '\uFFFD',
  };
  return text.replace(/["'&<>\0]/g, (char) => entities[char] ?? char);
}

function escapeJs(text: string): string {
  const escapes: Record<string, string> = { '\\': '\\\\', "'": "\\'", '"': '\\"' };
  return text.replace(/[\\'"<>&=\p{C}]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return escapes[char] ?? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function equalToAny(first: unknown, ...others: unknown[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison');
  return others.some((other) => equal(first, other));
}

function kind(value: unknown): string {
  if (isNil(value)) return 'nil';
  if (isGoFloat(value)) return 'float';
  if (typeof value === 'bigint' || typeof value === 'number') return Number.isInteger(Number(value)) ? 'int' : 'float';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value;
  return 'other';
}

function raw(value: unknown): unknown {
  return isGoFloat(value) ? value.value : typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

function equal(a: unknown, b: unknown): boolean {
  const left = kind(a);
  const right = kind(b);
  if (left === 'nil' || right === 'nil') return left === right;
  for (const value of [a, b]) {
    if (Array.isArray(value) || isMap(value))
      throw new Error(`non-comparable type ${formatValue(value)}: ${typeName(value)}`);
  }
  if (left !== right) throw incompatible(a, b);
  if (left === 'other') return structTypeOf(a) === structTypeOf(b) && formatValue(a) === formatValue(b);
  return raw(a) === raw(b);
}

function incompatible(a: unknown, b: unknown): Error {
  return new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function compare(a: unknown, b: unknown): number {
  const left = kind(a);
  if (left === 'other' || left === 'nil' || left === 'boolean') throw new Error('invalid type for comparison');
  if (left !== kind(b)) throw incompatible(a, b);
  if (typeof a === 'string') return compareStrings(a, String(b));
  const [x, y] = [raw(a) as number, raw(b) as number];
  return x < y ? -1 : x > y ? 1 : 0;
}
