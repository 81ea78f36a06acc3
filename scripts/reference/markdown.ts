import type { Row } from '../../src/cli/tree.ts';
import type { Option, Page } from './pages.ts';

/** The file of a page below docs/commands/. */
export function markdownFile(path: string): string {
  return path === '' ? 'README.md' : `${path.replaceAll(' ', '-')}.md`;
}

/** @param page the path of the page that tells about a path */
export function markdown(page: Page, pathOf: (path: string) => string): string {
  const name = `nerdctl ${page.path}`.trim();
  const link = (path: string) => `[nerdctl ${path}](${markdownFile(pathOf(path))})`.replace('nerdctl ]', 'nerdctl]');
  const command = ([word, short]: Row): Row => [link(`${page.path} ${word}`.trim()), harmless(short)];
  const parts = [
    `# ${name}`,
    harmless(page.description.join('\n\n')),
    fence(page.usage.map((form) => `nerdctl ${form}`)),
    page.aliases.length > 0 && `Also: ${page.aliases.map((path) => `\`nerdctl ${path}\``).join(', ')}.`,
    ...page.commands.map(([title, rows]) => `## ${title}\n\n${table(['command', 'does'], rows.map(command))}`),
    page.options.length > 0 && `## Options\n\n${table(['option', 'meaning'], page.options.map(option))}`,
    page.examples.length > 0 && `## Examples\n\n${page.examples.map(example).join('\n\n')}`,
    `## Exit status\n\n${table(['status', 'meaning'], page.exit)}`,
    page.see.length > 0 && `## See also\n\n${page.see.map(link).join(', ')}`,
  ];
  return `${[...parts, made].filter((part) => part !== false).join('\n\n')}\n`;
}

const made = '<!-- Made by `npm run docs` from the tables of the commands. -->';

function option({ short, name, value, help }: Option): Row {
  const flag = `${short === undefined ? '' : `\`-${short}\`, `}\`--${name}${value === '' ? '' : ` ${value}`}\``;
  const lines = help.split('\n').map((line) => harmless(line.replace(/ {2,}/g, ' ')));
  return [flag, lines.join('<br>')];
}

function example({ what, run }: { what: string; run: string }): string {
  return `${what}:\n\n${fence(run.split('\n'))}`;
}

function fence(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), '|---|---|', ...rows.map(line)].join('\n');
}

/** Angle brackets of help would be taken for HTML. */
function harmless(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('*', '\\*');
}
