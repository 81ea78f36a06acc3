import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { parseCopyEnd } from '../../docker/copy-paths.ts';
import { copyIn, copyOut } from './copy.ts';

export const command = defineCommand({
  use: 'cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\ncp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  short: 'Copy files/folders between a container and the local filesystem',
  long: `Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
  args: exactly(2),
  complete: '<container-paths>',
  flags: {
    archive: { type: 'bool', short: 'a', help: 'Archive mode (copy all uid/gid information)' },
    'follow-link': { type: 'bool', short: 'L', help: 'Always follow symbol link in SRC_PATH' },
    quiet: {
      type: 'bool',
      short: 'q',
      help: 'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
    },
  },
  run: async (cli, [from = '', to = ''], flags) => {
    if (from === '') throw new StatusError(1, 'source can not be empty');
    if (to === '') throw new StatusError(1, 'destination can not be empty');
    const [source, destination] = [parseCopyEnd(from), parseCopyEnd(to)];
    if (source.container !== undefined && destination.container !== undefined) {
      throw new StatusError(1, 'copying between containers is not supported');
    }
    const request = {
      container: source.container ?? destination.container ?? '',
      from: source.path,
      to: destination.path,
      followLink: flags['follow-link'],
      keepOwners: flags.archive,
      quiet: flags.changed.has('quiet') ? flags.quiet : !cli.stdout.isTerminal,
    };
    if (source.container !== undefined) return copyOut(cli, request);
    if (destination.container !== undefined) return copyIn(cli, request);
    throw new StatusError(1, 'must specify at least one container source');
  },
});
