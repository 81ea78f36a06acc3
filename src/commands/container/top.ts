import { atLeast, defineCommand } from '../../cli/command.ts';
import { layOutTable } from '../../docker/format/table-writer.ts';
import { containerProcesses } from '../../engine/container/top.ts';

export const command = defineCommand({
  use: 'top CONTAINER [ps OPTIONS]',
  short: 'Display the running processes of a container',
  args: atLeast(1),
  complete: ['<running>', ''],
  interspersed: false,
  flags: {},
  run: async (cli, [ref, ...psArgs]) => {
    const { Titles, Processes } = await containerProcesses(await cli.engine(), ref!, psArgs);
    const lines = [Titles, ...Processes].map((fields) => `${fields.join('\t')}\n`);
    cli.stdout.write(layOutTable(lines.join(''), 20, 3));
  },
});
