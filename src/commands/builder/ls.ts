import { defineCommand, noArgs } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { formatList } from '../../docker/format/list.ts';
import { builderList } from '../../docker/views/builder-list.ts';
import { builderInfo } from '../../engine/build/builder-info.ts';
import { daemonFlags, withDaemon } from './daemon-flags.ts';

export const command = defineCommand({
  use: 'ls',
  short: 'List builder instances',
  args: noArgs,
  flags: {
    ...daemonFlags,
    format: { type: 'string', default: 'table', complete: 'json|table', help: 'Format the output' },
    'no-trunc': { type: 'bool', help: "Don't truncate output" },
  },
  run: async (cli, _args, flags) => {
    const isTable = flags.format === '' || flags.format.startsWith('table');
    const list = builderList({ isTable, noTrunc: flags['no-trunc'] });
    const builder = { name: 'default', isNode: false, endpoint: 'remote', status: '', version: '', platforms: [] };
    try {
      const { address, version, platforms } = await withDaemon(cli, flags, builderInfo);
      const node = { name: 'default', isNode: true, endpoint: address, status: 'running', version, platforms };
      cli.stdout.write(await formatList(list, [builder, node], { format: flags.format }));
    } catch (error) {
      if (!isDockerError(error, 'unavailable')) throw error;
      // As buildx: a builder that is not there is no reason to fail.
      cli.stdout.write(await formatList(list, [{ ...builder, status: 'error' }], { format: flags.format }));
      if (isTable) cli.stderr.write(`\nCannot load builder default: ${error.message}\n`);
    }
  },
});
