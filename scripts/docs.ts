import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandTable } from '../src/commands/index.ts';
import { man, manAlias, manName } from './reference/man.ts';
import { markdown, markdownFile } from './reference/markdown.ts';
import { pathOf, referencePages } from './reference/pages.ts';
import { scriptPages } from './reference/scripts.ts';

/**
 * Writes the reference from the tables of the commands: `docs.ts man` man/*.1 (with the rootless scripts'), which the build makes and git does not
 * keep; `docs.ts` docs/commands/*.md. A file that belongs to no command any more is removed.
 */
const root = resolve(import.meta.dirname, '..');

export async function manPages(): Promise<Map<string, string>> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const { SOURCE_DATE_EPOCH: epoch } = process.env;
  const date = (epoch ? new Date(Number(epoch) * 1000) : new Date()).toISOString().slice(0, 10);
  const files = new Map<string, string>();
  for (const page of await referencePages(commandTable)) {
    files.set(
      `${manName(page.path)}.1`,
      man(page, { version, date }, (path) => pathOf(commandTable, path)),
    );
    for (const alias of page.aliases) files.set(`${manName(alias)}.1`, manAlias(page));
  }
  for (const page of scriptPages())
    files.set(
      `${page.program}.1`,
      man(page, { version, date }, (path) => path),
    );
  return files;
}

export async function markdownPages(): Promise<Map<string, string>> {
  const pages = await referencePages(commandTable);
  return new Map(pages.map((page) => [markdownFile(page.path), markdown(page, (path) => pathOf(commandTable, path))]));
}

function write(dir: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(dir, { recursive: true });
  for (const name of readdirSync(dir)) if (!files.has(name)) rmSync(join(dir, name));
  for (const [name, content] of files) writeFileSync(join(dir, name), content);
}

if (process.argv[1] === import.meta.filename) {
  const work =
    process.argv[2] === 'man'
      ? manPages().then((files) => write(join(root, 'man'), files))
      : markdownPages().then((files) => write(join(root, 'docs/commands'), files));
  await work;
}
