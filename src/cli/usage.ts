import { isatty, WriteStream } from 'node:tty';
import { type AnyCommand, type ArgRule, usageLine } from './command.ts';
import { globalFlags } from './globals.ts';
import { commandList, flagUsages } from './help.ts';
import { type CommandEntry, type CommandTable, childRows, groupRows, type Row } from './tree.ts';

/** Docker asks the terminal on standard input, so that `--help | less` fills the window. */
function terminalWidth(): number {
  return (isatty(0) && new WriteStream(0).columns) || 80;
}

/** @param width of the terminal; the last column stays free */
export function rootHelp(table: CommandTable, name: string, width = terminalWidth()): string {
  const all = childRows(table, '');
  const common = table.commonCommands.flatMap((word) => all.filter(([candidate]) => candidate === word));
  const others = all.filter(([candidate]) => !table.commonCommands.includes(candidate));
  const managed = groupRows(table);
  const column = columnOf([...all, ...managed]);
  return [
    `Usage:  ${name} [OPTIONS] COMMAND\n\nA Docker-compatible command line for containerd\n`,
    commandList('Common Commands', common, column),
    commandList('Management Commands', managed, column),
    commandList('Commands', others, column),
    `\nGlobal Options:\n${flagUsages(globalFlags, width - 1)}`,
    `\nRun '${name} COMMAND --help' for more information on a command.\n`,
  ].join('');
}

export function groupHelp(table: CommandTable, name: string, path: string, short: string): string {
  const rows = childRows(table, path);
  const list = commandList('Commands', rows, columnOf(rows));
  const more = `\nRun '${name} ${path} COMMAND --help' for more information on a command.\n`;
  return `Usage:  ${name} ${path} COMMAND\n\n${short}\n${list}${more}`;
}

export function commandHelp(
  name: string,
  path: string,
  entry: CommandEntry,
  command: AnyCommand,
  width = terminalWidth(),
): string {
  const aliases = entry.paths.length > 1 ? `\nAliases:\n  ${entry.paths.map((p) => `${name} ${p}`).join(', ')}\n` : '';
  const usages = flagUsages(command.flags, width - 1);
  const options = usages === '' ? '' : `\nOptions:\n${usages}`;
  return `Usage:  ${usageLine(name, path, command)}\n\n${command.long ?? command.short}\n${aliases}${options}`;
}

/** Docker's sentence for a wrong number of arguments. */
export function argumentError(rule: ArgRule, name: string, path: string, command: AnyCommand): string {
  const plural = (n: number) => (n === 1 ? 'argument' : 'arguments');
  const unlimited = rule.max === Number.POSITIVE_INFINITY;
  let words = `requires at least ${rule.min} and at most ${rule.max} ${plural(rule.max)}`;
  if (rule.max === 0) words = 'accepts no arguments';
  else if (rule.min === rule.max) words = `requires ${rule.min} ${plural(rule.min)}`;
  else if (unlimited) words = `requires at least ${rule.min} ${plural(rule.min)}`;
  else if (rule.min === 0) words = `requires at most ${rule.max} ${plural(rule.max)}`;
  const verb = unlimited ? 'See' : 'Run';
  return (
    `${name}: '${name} ${path}' ${words}\n\nUsage:  ${usageLine(name, path, command)}\n\n` +
    `${verb} '${name} ${path} --help' for more information`
  );
}

function columnOf(rows: readonly Row[]): number {
  return Math.max(11, ...rows.map(([word]) => word.length));
}
