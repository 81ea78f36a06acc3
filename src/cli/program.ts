import { Command } from 'commander';
import { type AnyCommand, usageLine } from './command.ts';
import { StatusError } from './errors.ts';
import type { FlagTable } from './flags.ts';
import { globalFlags, persistentFlags, withGlobals } from './globals.ts';
import { defaultValue, FlagError, type ParsedFlags, type ParsedValue, parseFlags } from './parse.ts';
import { type CommandTable, findNode, followPath, type Node } from './tree.ts';

export interface ProgramHost {
  name: string;
  table: CommandTable;
  /** Prints to standard output. */
  print(text: string): void;
  /** Columns of the terminal that help is laid out for. */
  width?: number;
  version: string;
  /** Runs the command that the line names. */
  run(call: Call): Promise<number>;
}

export interface Call {
  command: AnyCommand;
  /** `container ls` */
  path: string;
  args: string[];
  /** With defaults, and `changed`. */
  flags: Record<string, unknown>;
  /** Global flags that were given, wherever they stood. */
  globals: ReadonlyMap<string, ParsedValue>;
}

/** Help and the errors of usage are words that a good command line never needs. */
const words = () => import('./usage.ts');

/** Dispatches a command line; the result is the exit code. Errors of usage are thrown as StatusError. */
export async function runProgram(host: ProgramHost, argv: readonly string[]): Promise<number> {
  const line: Line = { host, globals: new Map(), help: false, exitCode: 0 };
  await rootCommand(line).parseAsync([...argv], { from: 'user' });
  return line.exitCode;
}

/** What the levels of one command line share. */
interface Line {
  host: ProgramHost;
  globals: Map<string, ParsedValue>;
  /** `--help` was given at some level. */
  help: boolean;
  exitCode: number;
}

/** commander's tree and dispatch, with pflag's grammar; only the nodes on the way to the command are ever made. */
class Level extends Command {
  readonly line: Line;
  /** Global flags included. */
  flagTable: FlagTable = {};
  ownFlags: FlagTable = {};
  /** The command whose module is still to be loaded. */
  pending: Extract<Node, { kind: 'command' }> | undefined;
  interspersed = false;
  /** Its words are those of another line. */
  verbatim = false;
  usageText: string;
  commandPath: string;
  parsed: ParsedFlags | undefined;
  /** Registers the level that the word leads to. */
  descend: (word: string) => void = () => {};

  constructor(line: Line, name: string, commandPath: string, usage: string) {
    super(name);
    this.line = line;
    this.commandPath = commandPath;
    this.usageText = usage;
    this.helpOption(false).helpCommand(false).allowExcessArguments();
  }

  override parseOptions(argv: string[]): { operands: string[]; unknown: string[] } {
    if (this.verbatim) return { operands: argv, unknown: [] };
    const parsed = this.parseOrExplain(argv);
    this.parsed = parsed;
    for (const note of parsed.notes) this.line.host.print(`${note}\n`);
    this.line.help ||= parsed.help;
    for (const [name, value] of parsed.values) {
      if (Object.hasOwn(this.ownFlags, name)) this.setOptionValueWithSource(name, value, 'cli');
      else this.line.globals.set(name, value);
    }
    const [word, ...rest] = parsed.args;
    if (this.interspersed || word === undefined) return { operands: parsed.args, unknown: [] };
    this.descend(word);
    return this.commands.length === 0 ? { operands: parsed.args, unknown: [] } : { operands: [word], unknown: rest };
  }

  private parseOrExplain(argv: string[]): ParsedFlags {
    try {
      return parseFlags(this.flagTable, argv, this.interspersed);
    } catch (error) {
      if (!(error instanceof FlagError)) throw error;
      const hint = `Run '${this.commandPath} --help' for more information`;
      throw new StatusError(125, `${error.message}\n\nUsage:  ${this.usageText}\n\n${hint}`);
    }
  }
}

function rootCommand(line: Line): Level {
  const { host } = line;
  const root = new Level(line, host.name, host.name, `${host.name} [OPTIONS] COMMAND [ARG...]`);
  root.flagTable = globalFlags;
  root.descend = (word) => {
    if (line.globals.get('version') === true) return;
    if (word === 'help') root.addCommand(helpCommand(line));
    else if (word === '__complete' || word === '__completeNoDesc') root.addCommand(completeCommand(line, word));
    else addChild(root, '', word);
  };
  root.hook('preSubcommand', (_, child) => load(child as Level));
  root.action(async () => {
    const [word] = root.args;
    if (line.globals.get('version') === true) host.print(`${host.name} version ${host.version}\n`);
    else if (asksForHelp(root, word)) host.print((await words()).rootHelp(host.table, host.name, host.width));
    else throw new StatusError(1, unknownCommand(host.name, word ?? '', ''));
  });
  return root;
}

function addChild(parent: Level, path: string, word: string): void {
  const { host } = parent.line;
  const node = findNode(host.table, path, word);
  if (node === undefined) return;
  const commandPath = `${host.name} ${node.path}`;
  const child = new Level(parent.line, word, commandPath, commandPath);
  if (node.kind === 'command') child.pending = node;
  else becomeGroup(child, node.path, node.short);
  parent.addCommand(child);
}

function becomeGroup(level: Level, path: string, short: string): void {
  const { line } = level;
  const { host } = line;
  level.flagTable = persistentFlags;
  if (Object.hasOwn(host.table.groupUsage, path)) level.usageText = `${host.name} ${host.table.groupUsage[path]}`;
  level.descend = (word) => addChild(level, path, word);
  level.hook('preSubcommand', (_, child) => load(child as Level));
  level.action(async () => {
    const [word] = level.args;
    if (asksForHelp(level, word)) host.print((await words()).groupHelp(host.table, host.name, path, short));
    else throw new StatusError(1, unknownCommand(level.commandPath, word ?? '', `Usage:  ${level.usageText}\n\n`));
  });
}

/** As docker, help wins over an unknown command. */
function asksForHelp({ line, args }: Level, word: string | undefined): boolean {
  return line.help || word === undefined || args.includes('--help');
}

function unknownCommand(parent: string, word: string, usage: string): string {
  const [name] = parent.split(' ');
  return `${name}: unknown command: ${parent} ${word}\n\n${usage}Run '${parent} --help' for more information`;
}

/** Loads the one module that the command line asks for, and declares its flags. */
async function load(level: Level): Promise<void> {
  const node = level.pending;
  if (node === undefined) return;
  const { line } = level;
  const { host } = line;
  const { command } = await node.entry.load();
  level.usageText = usageLine(host.name, node.path, command);
  level.interspersed = command.interspersed ?? true;
  level.ownFlags = command.flags;
  level.flagTable = withGlobals(command.flags);
  level.action(async () => {
    if (line.help) {
      host.print((await words()).commandHelp(host.name, node.path, node.entry, command, host.width));
      return;
    }
    const { min, max } = command.args;
    if (level.args.length < min || level.args.length > max)
      throw new StatusError(1, (await words()).argumentError(command.args, host.name, node.path, command));
    const flags = flagValues(level, command.flags);
    line.exitCode = await host.run({ command, path: node.path, args: level.args, flags, globals: line.globals });
  });
}

function flagValues(level: Level, flags: FlagTable): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(flags)) {
    if (spec.type !== 'alias') values[name] = level.getOptionValue(name) ?? defaultValue(spec);
  }
  const typed = [...(level.parsed?.values.keys() ?? [])];
  return { ...values, changed: new Set(typed.filter((name) => Object.hasOwn(flags, name))) };
}

function helpCommand(line: Line): Level {
  const { host } = line;
  const level = new Level(line, 'help', `${host.name} help`, `${host.name} help [command]`);
  level.interspersed = true;
  const own = `Usage:  ${level.usageText}\n\nHelp about the command\n`;
  level.action(async () => {
    if (line.help) {
      host.print(own);
      return;
    }
    const topic = level.args[0] === 'help' ? level.args.slice(1) : level.args;
    const { node, rest } = followPath(host.table, topic);
    if (rest.length > 0) throw new StatusError(1, `unknown help topic: ${rest.join(' ')}`);
    const { commandHelp, groupHelp, rootHelp } = await words();
    if (node?.kind === 'group') host.print(groupHelp(host.table, host.name, node.path, node.short));
    else if (node === undefined)
      host.print(level.args.length === 0 ? rootHelp(host.table, host.name, host.width) : own);
    else {
      const { command } = await node.entry.load();
      host.print(commandHelp(host.name, node.path, node.entry, command, host.width));
    }
  });
  return level;
}

/** What the shells' completion calls, by the names that docker's has. */
function completeCommand(line: Line, name: string): Level {
  const level = new Level(line, name, name, name);
  level.verbatim = true;
  level.action(async () => {
    const { completeLine } = await import('./complete/complete.ts');
    await completeLine(line.host, { words: level.args, described: name === '__complete', globals: line.globals });
  });
  return level;
}
