import { resolve } from 'node:path';
import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { unpackCarried } from '../../host/carried-files.ts';

export const command = defineCommand({
  use: 'unpack DIRECTORY',
  short: 'Write the scripts and units that the single executable carries',
  args: exactly(1),
  flags: {},
  run: async (cli, [directory]) => {
    const paths = await unpackCarried(resolve(directory!));
    if (paths === undefined) throw new StatusError(1, 'this is not the single executable: the scripts are beside it');
    cli.stdout.write(paths.map((path) => `${path}\n`).join(''));
  },
});
