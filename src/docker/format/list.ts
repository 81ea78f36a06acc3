import { listJson, plainRenderer } from './plain-list.ts';
import { layOutTable } from './table-writer.ts';

/** One field of a list: `header` in `table` output, `value` of a row. */
export interface Column<Row> {
  header: string;
  value: (row: Row) => string;
  /** In JSON, where that differs: a string, or another of its types. */
  json?: (row: Row) => unknown;
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

/** Prints the lines of a list without their ends. */
export interface ListRenderer<Row> {
  /** The header line of a table. */
  titles(): string;
  row(row: Row): string;
}

/**
 * The text of a list, every line ended. Only a template that is more than text and fields loads the template engine.
 * @throws Error `failed to parse template: …`, `failed to execute template: …`
 */
export async function formatList<Row>(
  definition: ListDefinition<Row>,
  rows: readonly Row[],
  options: ListOptions = {},
): Promise<string> {
  const { template, isTable } = chooseTemplate(definition, options);
  const { titles, row } = await chooseRenderer(definition, template);
  const lines = rows.map(row);
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  return layOutTable([titles(), ...lines].map((line) => `${line}\n`).join(''));
}

async function chooseRenderer<Row>(definition: ListDefinition<Row>, template: string): Promise<ListRenderer<Row>> {
  if (template === jsonTemplate) return { titles: () => '', row: (row) => listJson(definition, row) };
  return (
    plainRenderer(definition, template) ?? (await import('./template-list.ts')).templateRenderer(definition, template)
  );
}

const jsonTemplate = '{{json .}}';

function chooseTemplate<Row>(
  definition: ListDefinition<Row>,
  { format = '', quiet = false }: ListOptions,
): { template: string; isTable: boolean } {
  const isTable = format === '' || format === 'table' || /^table\s/.test(format);
  if (quiet && format === 'raw' && definition.rawQuiet) return { template: definition.rawQuiet, isTable: false };
  if (quiet) return { template: definition.quiet, isTable: false };
  if (format === '' || format === 'table') return { template: definition.defaultTable, isTable: true };
  if (format === 'raw' && definition.raw !== undefined) return { template: definition.raw, isTable: false };
  if (format === 'json') return { template: jsonTemplate, isTable: false };
  return { template: expandEscapes(isTable ? format.slice('table'.length).trim() : format), isTable };
}

/** A user writes `\t` and `\n` in single quotes of the shell. */
function expandEscapes(format: string): string {
  return format.trim().replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}
