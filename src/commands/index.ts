import type { AnyCommand } from '../cli/command.ts';

export interface CommandEntry {
  /** Every path that calls the command, in the order of docker's `Aliases:`. */
  readonly paths: readonly string[];
  readonly short: string;
  readonly load: () => Promise<{ command: AnyCommand }>;
  /** Works, but no help lists it. */
  readonly hidden: boolean;
}

function entry(paths: string, short: string, load: CommandEntry['load'], hidden = false): CommandEntry {
  return { paths: paths.split(', '), short, load, hidden };
}

/** The management commands, with their short help. One without commands in the table is not there for the user. */
export const groups: Readonly<Record<string, string>> = {
  builder: 'Manage builds',
  checkpoint: 'Manage checkpoints',
  compose: 'Docker Compose',
  container: 'Manage containers',
  context: 'Manage contexts',
  image: 'Manage images',
  internal: '',
  manifest: 'Manage Docker image manifests and manifest lists',
  namespace: 'Manage containerd namespaces',
  network: 'Manage networks',
  system: 'Manage Docker',
  volume: 'Manage volumes',
};

/** Other names of a management command. */
export const groupAliases: Readonly<Record<string, string>> = { ns: 'namespace' };

/** The commands that root help lists first, in docker's order. */
export const commonCommands: readonly string[] = [
  'run',
  'exec',
  'ps',
  'build',
  'pull',
  'push',
  'images',
  'login',
  'logout',
  'search',
  'version',
  'info',
];

/** Every command, one line each, sorted by path: paths (docker's aliases), short help, module. */
// biome-ignore format: one line for each command keeps merges easy
export const commands: readonly CommandEntry[] = [
];
