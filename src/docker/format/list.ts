import { DockerError, isDockerError } from '../errors.ts';
import { headerFunctions } from '../template/docker-functions.ts';
import { compileTemplate } from '../template/template.ts';
import { asStruct, type Method } from '../template/values.ts';
import { goJson } from '../values/go-json.ts';
import { layOutTable } from './table-writer.ts';

/** One field of a list: `header` in `table` output, `value` of a row. */
export interface Column<Row> {
  header: string;
  value: (row: Row) => string;
}

/** What a list (ps, images, network ls …) can show. */
export interface ListDefinition<Row> {
  /** As error sentences name a row: `*formatter.ContainerContext`. */
  typeName: string;
  /** By the name that templates use (`ID`, `Names` …). */
  columns: Readonly<Record<string, Column<Row>>>;
  /** Gives `{{.Label "key"}}`. */
  label?: (row: Row, key: string) => string;
  /** Of `table`, the default format. */
  defaultTable: string;
  /** Of -q. */
  quiet: string;
  /** Of the format `raw`, where docker has it; each row then ends with an empty line. */
  raw?: string;
  /** Of `raw` with -q: `image_id: {{.ID}}`. */
  rawQuiet?: string;
}

/** docker says so on stderr when -q makes it ignore a format. */
export const quietFormatWarning = 'WARNING: Ignoring custom format, because both --format and --quiet are set.';

export interface ListOptions {
  /** Empty: `table`. */
  format?: string;
  quiet?: boolean;
}

/**
 * The text of a list, every line ended.
 * @throws DockerError `invalid` `template parsing error: …`
 */
export function formatList<Row>(
  definition: ListDefinition<Row>,
  rows: readonly Row[],
  options: ListOptions = {},
): string {
  const { template, isTable } = chooseTemplate(definition, options);
  const compiled = explain(() => compileTemplate(template));
  const lines = rows.map((row) => explain(() => compiled.execute(rowContext(definition, row))));
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  const titles = explain(() =>
    compileTemplate(template, { functions: headerFunctions }).execute(headerContext(definition)),
  );
  return layOutTable([titles, ...lines].map((line) => `${line}\n`).join(''));
}

function chooseTemplate<Row>(
  definition: ListDefinition<Row>,
  { format = '', quiet = false }: ListOptions,
): { template: string; isTable: boolean } {
  const isTable = format === '' || format === 'table' || /^table\s/.test(format);
  if (quiet && format === 'raw' && definition.rawQuiet) return { template: definition.rawQuiet, isTable: false };
  if (quiet) return { template: definition.quiet, isTable: false };
  if (format === '' || format === 'table') return { template: definition.defaultTable, isTable: true };
  if (format === 'raw' && definition.raw !== undefined) return { template: definition.raw, isTable: false };
  if (format === 'json') return { template: '{{json .}}', isTable: false };
  return { template: expandEscapes(isTable ? format.slice('table'.length).trim() : format), isTable };
}

/** A user writes `\t` and `\n` in single quotes of the shell. */
function expandEscapes(format: string): string {
  return format.trim().replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function explain<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isDockerError(error)) throw error;
    throw new DockerError('invalid', `template parsing error: ${error.message}`);
  }
}

function rowContext<Row>(definition: ListDefinition<Row>, row: Row): object {
  const { columns, label } = definition;
  const methods: Record<string, Method> = {
    MarshalJSON: {
      params: [],
      call: () =>
        goJson(
          Object.fromEntries(
            Object.keys(columns)
              .sort()
              .map((name) => [name, columns[name]?.value(row)]),
          ),
        ),
    },
  };
  for (const [name, column] of Object.entries(columns)) methods[name] = { params: [], call: () => column.value(row) };
  if (label) methods.Label = { params: ['string'], call: (_: object, key: string) => label(row, key) };
  return asStruct({ name: definition.typeName, methods }, {});
}

/** Titles in place of values; `{{.Label "com.example.some-key"}}` gives `some key`. */
function headerContext<Row>({ columns }: ListDefinition<Row>): object {
  const headers = Object.fromEntries(Object.entries(columns).map(([name, { header }]) => [name, header]));
  const title = (_: object, key: string): string => (key.split('.').at(-1) ?? '').replace(/[-_]/g, ' ');
  const methods: Record<string, Method> = { Label: { params: ['string'], call: title } };
  for (const [name, header] of Object.entries(headers)) methods[name] = { params: [], call: () => header };
  return asStruct({ name: 'formatter.SubHeaderContext', methods }, {});
}
