import { formatG } from '../values/float.ts';
import { isGoFloat, isMap, isTypedNil, noValue, sortedKeys, structTypeOf, typedNil } from './values.ts';

/** What `%v` prints; `plus` adds the field names of structs (`%+v`). */
export function formatValue(value: unknown, plus = false): string {
  if (value === null || value === undefined) return '<nil>';
  if (value === noValue) return '<no value>';
  if (isGoFloat(value)) return formatG(value.value);
  if (isTypedNil(value)) return value.nilOf.startsWith('map') ? 'map[]' : value.nilOf.startsWith('[]') ? '[]' : '<nil>';
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value).toString() : formatG(value);
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item, plus)).join(' ')}]`;
  const type = structTypeOf(value);
  if (type) {
    const fields = fieldsOf(value as object).map(
      ([name, field]) => (plus ? `${name}:` : '') + formatValue(field, plus),
    );
    return `{${fields.join(' ')}}`;
  }
  if (isMap(value)) {
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${formatValue(value[key], plus)}`)
      .join(' ')}]`;
  }
  return String(value);
}

/** The fields of a struct with their nils typed. */
export function fieldsOf(value: object): [name: string, value: unknown][] {
  const nils = structTypeOf(value)?.nils ?? {};
  return Object.entries(value).map(([name, field]) => {
    const nil = field === null || field === undefined ? (nils[name] ?? `*${name}`) : undefined;
    if (nil === 'string') return [name, ''];
    return [name, nil === undefined ? field : typedNil(nil)];
  });
}

/** What an action prints: as %v, but a missing or nil value at the top is `<no value>`. */
export function printResult(value: unknown): string {
  return value === null || value === undefined || value === noValue ? '<no value>' : formatValue(value);
}
