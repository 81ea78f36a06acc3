import { atMost, defineCommand, StatusError } from '../../cli/command.ts';
import { parseKeyValues } from '../../docker/flags/options.ts';
import { createVolume } from '../../engine/volume/create.ts';

export const command = defineCommand({
  use: 'create [OPTIONS] [VOLUME]',
  short: 'Create a volume',
  args: atMost(1),
  flags: {
    driver: { type: 'string', short: 'd', default: 'local', complete: 'local', help: 'Specify volume driver name' },
    label: { type: 'array', value: 'list', help: 'Set metadata for a volume' },
    name: { type: 'string', hidden: true, help: 'Specify volume name' },
    opt: {
      type: 'array',
      short: 'o',
      value: 'map',
      defaultText: 'map[]',
      complete: 'device=|o=|type=',
      help: 'Set driver specific options',
    },
  },
  run: async (cli, [argument], { name, driver, label, opt }) => {
    if (name && argument) {
      throw new StatusError(
        1,
        'conflicting options: cannot specify a volume-name through both --name and as a positional arg',
      );
    }
    const volume = await createVolume(await cli.engine(), {
      name: argument ?? name,
      driver,
      labels: parseKeyValues(label),
      options: parseKeyValues(opt),
    });
    cli.stdout.write(`${volume.Name}\n`);
  },
});
