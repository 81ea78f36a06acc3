import { isDockerError } from '../errors.ts';
import { headerFunctions } from '../template/docker-functions.ts';
import { compileTemplate } from '../template/template.ts';
import { asStruct, type Method } from '../template/values.ts';
import type { ListDefinition, ListRenderer } from './list.ts';
import { listJson } from './plain-list.ts';

/**
 * Prints any Go template.
 * @throws Error in the words of docker's client
 */
export function templateRenderer<Row>(definition: ListDefinition<Row>, template: string): ListRenderer<Row> {
  const compiled = explain('parse', () => compileTemplate(template));
  return {
    titles: () =>
      explain('execute', () =>
        compileTemplate(template, { functions: headerFunctions }).execute(headerContext(definition)),
      ),
    row: (row) => explain('execute', () => compiled.execute(rowStruct(definition, row))),
  };
}

function explain<T>(step: 'parse' | 'execute', work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isDockerError(error)) throw error;
    throw new Error(`failed to ${step} template: ${error.message}`);
  }
}

/** A row as templates see it. */
export function rowStruct<Row>(definition: ListDefinition<Row>, row: Row): object {
  const { columns, label } = definition;
  const methods: Record<string, Method> = { MarshalJSON: { params: [], call: () => listJson(definition, row) } };
  for (const [name, column] of Object.entries(columns)) methods[name] = { params: [], call: () => column.value(row) };
  if (label) methods.Label = { params: ['string'], call: (_: object, key: string) => label(row, key) };
  const toGoJson = (): unknown => JSON.parse(listJson(definition, row));
  // Not enumerable: for the JSON of what holds the row, and no field of it.
  return asStruct({ name: definition.typeName, methods }, Object.defineProperty({}, 'toGoJson', { value: toGoJson }));
}

/** Titles in place of values; `{{.Label "com.example.some-key"}}` gives `some key`. */
function headerContext<Row>({ columns }: ListDefinition<Row>): object {
  const title = (_: object, key: string): string => (key.split('.').at(-1) ?? '').replace(/[-_]/g, ' ');
  const methods: Record<string, Method> = { Label: { params: ['string'], call: title } };
  for (const [name, { header }] of Object.entries(columns)) methods[name] = { params: [], call: () => header };
  return asStruct({ name: 'formatter.SubHeaderContext', methods }, {});
}
