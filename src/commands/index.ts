import type { CommandEntry, CommandTable } from '../cli/tree.ts';

function entry(paths: string, short: string, load: CommandEntry['load'], hidden = false): CommandEntry {
  return { paths: paths.split(', '), short, load, hidden };
}

const groups: CommandTable['groups'] = {
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

const commonCommands: CommandTable['commonCommands'] = [
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
const commands: readonly CommandEntry[] = [
  entry('system info, info', 'Display system-wide information', () => import('./system/info.ts')),
  entry('version', 'Show the nerdctl version information', () => import('./system/version.ts')),
];

export const commandTable: CommandTable = {
  commands,
  groups,
  groupUsage: { manifest: 'manifest COMMAND', volume: 'volume COMMAND' },
  groupAliases: { ns: 'namespace' },
  commonCommands,
};
