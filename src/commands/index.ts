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
  entry('container attach, attach', 'Attach local standard input, output, and error streams to a running container', () => import('./container/attach.ts')),
  entry('container create, create', 'Create a new container', () => import('./container/create.ts')),
  entry('container kill, kill', 'Kill one or more running containers', () => import('./container/kill.ts')),
  entry('container pause, pause', 'Pause all processes within one or more containers', () => import('./container/pause.ts')),
  entry('container rename, rename', 'Rename a container', () => import('./container/rename.ts')),
  entry('container restart, restart', 'Restart one or more containers', () => import('./container/restart.ts')),
  entry('container rm, container remove, rm', 'Remove one or more containers', () => import('./container/rm.ts')),
  entry('container run, run', 'Create and run a new container from an image', () => import('./container/run.ts')),
  entry('container start, start', 'Start one or more stopped containers', () => import('./container/start.ts')),
  entry('container stop, stop', 'Stop one or more running containers', () => import('./container/stop.ts')),
  entry('container unpause, unpause', 'Unpause all processes within one or more containers', () => import('./container/unpause.ts')),
  entry('container wait, wait', 'Block until one or more containers stop, then print their exit codes', () => import('./container/wait.ts')),
  entry('internal exited', '', () => import('./internal/exited.ts'), true),
  entry('internal restore', '', () => import('./internal/restore.ts'), true),
  entry('network create', 'Create a network', () => import('./network/create.ts')),
  entry('network inspect', 'Display detailed information on one or more networks', () => import('./network/inspect.ts')),
  entry('network ls, network list', 'List networks', () => import('./network/ls.ts')),
  entry('network prune', 'Remove all unused networks', () => import('./network/prune.ts')),
  entry('network rm, network remove', 'Remove one or more networks', () => import('./network/rm.ts')),
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
