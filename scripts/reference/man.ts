import type { Row } from '../../src/cli/tree.ts';
import type { Option, Page } from './pages.ts';

export interface Release {
  version: string;
  /** 2026-01-31 */
  date: string;
}

/** The name of a page: `nerdctl-container-ls`. */
export function manName(path: string): string {
  return `nerdctl ${path}`.trim().replaceAll(' ', '-');
}

/** A page that another name leads to. */
export function manAlias(page: Page): string {
  return `.so man1/${manName(page.path)}.1\n`;
}

/** @param pathOf the path of the page that tells about a path */
export function man(page: Page, { version, date }: Release, pathOf: (path: string) => string): string {
  const { program } = page;
  const name = program ?? manName(page.path);
  const names = [name, ...page.aliases.map(manName)].map(text).join(', ');
  const see = page.see.map((path) => `.BR ${text(manName(pathOf(path)))} (1)`);
  const synopsis = page.usage.flatMap((form, n) => {
    const [word = '', ...rest] = `${program ?? 'nerdctl'} ${form}`.split(' ').map(text);
    return [...(n > 0 ? ['.br'] : []), `.B ${word}`, ...filled(rest.join(' '))];
  });
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [`.SH ${title}`, ...lines]);
  const lines = [
    `.\\" Made from ${program === undefined ? 'the tables of the commands' : 'what the script says'}.`,
    `.TH ${quoted(name.toUpperCase())} 1 "${date}" ${quoted(`nerdctl ${version}`)} "User Commands"`,
    ...section('NAME', [`${names} \\- ${text(page.short)}`]),
    ...section('SYNOPSIS', ['.nh', ...synopsis, '.hy']),
    ...section(
      'DESCRIPTION',
      page.description.flatMap((paragraph, n) => [...(n > 0 ? ['.PP'] : []), ...block(paragraph)]),
    ),
    ...page.commands.flatMap(([title, rows]) => section(quoted(title.toUpperCase()), rows.flatMap(tagged))),
    ...section('OPTIONS', page.options.flatMap(option)),
    ...section(
      'EXAMPLES',
      page.examples.flatMap(({ what, run }, n) => [
        ...(n > 0 ? ['.PP'] : []),
        ...filled(`${text(what)}:`),
        ...verbatim(run),
      ]),
    ),
    ...section('"EXIT STATUS"', page.exit.flatMap(tagged)),
    ...section(
      '"SEE ALSO"',
      see.map((line, n) => (n < see.length - 1 ? `${line},` : line)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function option({ short, name, value, help }: Option): string[] {
  const word = value === '' ? '' : ` \\fI${text(value)}\\fR`;
  const letter = short === undefined ? '' : `\\fB\\-${text(short)}\\fR, `;
  const [first = '', ...more] = help.split('\n').map((line) => text(line.replace(/ {2,}/g, ' ')));
  return [
    '.TP',
    `${letter}\\fB\\-\\-${text(name)}\\fR${word}`,
    ...filled(first),
    ...more.flatMap((line) => ['.br', ...filled(line)]),
  ];
}

function tagged([word, meaning]: Row): string[] {
  return ['.TP', `\\fB${text(word)}\\fR`, ...filled(text(meaning))];
}

/** A paragraph of tabbed lines stays as it is. */
function block(paragraph: string): string[] {
  return paragraph.startsWith('\t') ? verbatim(paragraph.replaceAll('\t', '')) : filled(text(paragraph));
}

function verbatim(lines: string): string[] {
  return ['.RS 4', '.nf', ...lines.split('\n').map(text).map(guarded), '.fi', '.RE'];
}

/** Every line of running text: one that begins with a dot or a quote is no request. */
function filled(lines: string): string[] {
  return lines
    .split('\n')
    .map((line) => guarded(line.trim()))
    .filter((line) => line !== '');
}

function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

/** Backslashes and what roff would make typographic. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');
}

function quoted(words: string): string {
  return `"${text(words).replaceAll('"', '\\(dq')}"`;
}
