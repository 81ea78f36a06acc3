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
  entry('container commit, commit', "Create a new image from a container's changes", () => import('./container/commit.ts')),
  entry('container create, create', 'Create a new container', () => import('./container/create.ts')),
  entry('container exec, exec', 'Execute a command in a running container', () => import('./container/exec.ts')),
  entry('container inspect', 'Display detailed information on one or more containers', () => import('./container/inspect.ts')),
  entry('container kill, kill', 'Kill one or more running containers', () => import('./container/kill.ts')),
  entry('container logs, logs', 'Fetch the logs of a container', () => import('./container/logs.ts')),
  entry('container ls, container list, container ps, ps', 'List containers', () => import('./container/ls.ts')),
  entry('container pause, pause', 'Pause all processes within one or more containers', () => import('./container/pause.ts')),
  entry('container port, port', 'List port mappings or a specific mapping for the container', () => import('./container/port.ts')),
  entry('container prune', 'Remove all stopped containers', () => import('./container/prune.ts')),
  entry('container rename, rename', 'Rename a container', () => import('./container/rename.ts')),
  entry('container restart, restart', 'Restart one or more containers', () => import('./container/restart.ts')),
  entry('container rm, container remove, rm', 'Remove one or more containers', () => import('./container/rm.ts')),
  entry('container run, run', 'Create and run a new container from an image', () => import('./container/run.ts')),
  entry('container start, start', 'Start one or more stopped containers', () => import('./container/start.ts')),
  entry('container stop, stop', 'Stop one or more running containers', () => import('./container/stop.ts')),
  entry('container top, top', 'Display the running processes of a container', () => import('./container/top.ts')),
  entry('container unpause, unpause', 'Unpause all processes within one or more containers', () => import('./container/unpause.ts')),
  entry('container wait, wait', 'Block until one or more containers stop, then print their exit codes', () => import('./container/wait.ts')),
  entry('image history, history', 'Show the history of an image', () => import('./image/history.ts')),
  entry('image inspect', 'Display detailed information on one or more images', () => import('./image/inspect.ts')),
  entry('image load, load', 'Load an image from a tar archive or STDIN', () => import('./image/load.ts')),
  entry('image ls, image list, images', 'List images', () => import('./image/ls.ts')),
  entry('image prune', 'Remove unused images', () => import('./image/prune.ts')),
  entry('image pull, pull', 'Download an image from a registry', () => import('./image/pull.ts')),
  entry('image push, push', 'Upload an image to a registry', () => import('./image/push.ts')),
  entry('image rm, image remove, rmi', 'Remove one or more images', () => import('./image/rm.ts')),
  entry('image save, save', 'Save one or more images to a tar archive (streamed to STDOUT by default)', () => import('./image/save.ts')),
  entry('image tag, tag', 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE', () => import('./image/tag.ts')),
  entry('inspect', 'Return low-level information on Docker objects', () => import('./inspect.ts')),
  entry('internal exited', '', () => import('./internal/exited.ts'), true),
  entry('internal logger', '', () => import('./internal/logger.ts'), true),
  entry('internal oci-hook', '', () => import('./internal/oci-hook.ts'), true),
  entry('internal restore', '', () => import('./internal/restore.ts'), true),
  entry('login', 'Authenticate to a registry', () => import('./registry/login.ts')),
  entry('logout', 'Log out from a registry', () => import('./registry/logout.ts')),
  entry('network create', 'Create a network', () => import('./network/create.ts')),
  entry('network inspect', 'Display detailed information on one or more networks', () => import('./network/inspect.ts')),
  entry('network ls, network list', 'List networks', () => import('./network/ls.ts')),
  entry('network prune', 'Remove all unused networks', () => import('./network/prune.ts')),
  entry('network rm, network remove', 'Remove one or more networks', () => import('./network/rm.ts')),
  entry('system df', 'Show docker disk usage', () => import('./system/df.ts')),
  entry('system info, info', 'Display system-wide information', () => import('./system/info.ts')),
  entry('version', 'Show the nerdctl version information', () => import('./system/version.ts')),
  entry('volume create', 'Create a volume', () => import('./volume/create.ts')),
  entry('volume inspect', 'Display detailed information on one or more volumes', () => import('./volume/inspect.ts')),
  entry('volume ls, volume list', 'List volumes', () => import('./volume/ls.ts')),
  entry('volume prune', 'Remove unused local volumes', () => import('./volume/prune.ts')),
  entry('volume rm, volume remove', 'Remove one or more volumes', () => import('./volume/rm.ts')),
];

export const commandTable: CommandTable = {
  commands,
  groups,
  groupUsage: { manifest: 'manifest COMMAND', volume: 'volume COMMAND' },
  groupAliases: { ns: 'namespace' },
  commonCommands,
};
