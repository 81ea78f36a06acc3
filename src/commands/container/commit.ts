import { between, defineCommand, StatusError } from '../../cli/command.ts';
import { commitContainer } from '../../engine/image/commit.ts';
import { lazyLayerFlags, refuseUnsupported } from '../image/unsupported.ts';

export const command = defineCommand({
  use: 'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  short: "Create a new image from a container's changes",
  args: between(1, 2),
  complete: ['<running>', ''],
  flags: {
    author: { type: 'string', short: 'a', help: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")' },
    change: { type: 'array', short: 'c', value: 'list', help: 'Apply Dockerfile instruction to the created image' },
    compression: {
      type: 'string',
      default: 'gzip',
      complete: 'gzip|none|zstd',
      help: 'Compression of the new layer (gzip|zstd|none)',
    },
    format: {
      type: 'string',
      complete: 'docker|oci',
      help: "Format of the created image (docker|oci), instead of that of the container's image",
    },
    message: { type: 'string', short: 'm', help: 'Commit message' },
    'no-pause': { type: 'bool', help: 'Disable pausing container during commit' },
    pause: { type: 'bool', short: 'p', default: true, help: 'Pause container during commit' },
    ...lazyLayerFlags,
  },
  run: async (cli, [container = '', name], flags) => {
    refuseUnsupported(lazyLayerFlags, flags);
    const { author, change, compression, format, message, pause } = flags;
    if (flags['no-pause'] && flags.changed.has('pause')) {
      throw new StatusError(1, 'conflicting options: --no-pause and --pause cannot be used together');
    }
    const id = await commitContainer(await cli.engine(), container, {
      name,
      author,
      message,
      changes: change,
      pause: pause && !flags['no-pause'],
      format: oneOf('format', format, ['', 'docker', 'oci']) || undefined,
      compression: oneOf('compression', compression, ['gzip', 'zstd', 'none']),
    });
    cli.stdout.write(`${id}\n`);
  },
});

function oneOf<const T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new StatusError(1, `invalid --${flag} "${value}": use ${allowed.filter(Boolean).join(', ')}`);
}
