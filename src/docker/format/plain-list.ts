import { goJson } from '../values/go-json.ts';
import type { ListDefinition, ListRenderer } from './list.ts';

/** A row as `{{json .}}` prints it: all columns, by name. */
export function listJson<Row>({ columns }: ListDefinition<Row>, row: Row): string {
  const names = Object.keys(columns).sort();
  return goJson(Object.fromEntries(names.map((name) => [name, (columns[name]?.json ?? columns[name]?.value)?.(row)])));
}

/**
 * Prints a template of nothing but text and `{{.Column}}`, as the default ones are, as the template engine would;
 * undefined for any other template.
 */
export function plainRenderer<Row>({ columns }: ListDefinition<Row>, template: string): ListRenderer<Row> | undefined {
  // What split() captures, the columns' names, stands at the odd places.
  const parts = template.split(/\{\{ *\.(\w+) *\}\}/);
  const known = parts.every((part, i) => (i % 2 === 0 ? !part.includes('{{') : Object.hasOwn(columns, part)));
  if (!known) return undefined;
  const print = (field: (name: string) => string | undefined) =>
    parts.map((part, i) => (i % 2 === 0 ? part : field(part))).join('');
  return {
    titles: () => print((name) => columns[name]?.header),
    row: (row) => print((name) => columns[name]?.value(row)),
  };
}
