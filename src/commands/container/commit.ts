import { between, defineCommand, StatusError } from '../../cli/command.ts';
import { commitContainer } from '../../engine/image/commit.ts';

export const command = defineCommand({
  use: 'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  short: "Create a new image from a container's changes",
  args: between(1, 2),
  flags: {
    author: { type: 'string', short: 'a', help: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")' },
    change: { type: 'array', short: 'c', value: 'list', help: 'Apply Dockerfile instruction to the created image' },
    compression: { type: 'string', default: 'gzip', help: 'Compression of the new layer (gzip|zstd|none)' },
    format: {
      type: 'string',
      help: "Format of the created image (docker|oci), instead of that of the container's image",
    },
    message: { type: 'string', short: 'm', help: 'Commit message' },
    pause: { type: 'bool', short: 'p', default: true, help: 'Pause container during commit' },
  },
  run: async (cli, [container = '', name], { author, change, compression, format, message, pause }) => {
    const id = await commitContainer(await cli.engine(), container, {
      name,
      author,
      message,
      changes: change,
      pause,
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
