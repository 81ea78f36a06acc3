import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { formatInspect } from '../../docker/format/inspect.ts';
import { asStruct } from '../../docker/template/values.ts';
import { volumeSize } from '../../engine/volume/size.ts';
import { getVolume, type Volume } from '../../engine/volume/store.ts';
import { inspectFormatHelp } from '../format-help.ts';

const nils = { Labels: 'map[string]string', Options: 'map[string]string' };

export const command = defineCommand({
  use: 'inspect [OPTIONS] VOLUME [VOLUME...]',
  short: 'Display detailed information on one or more volumes',
  args: atLeast(1),
  complete: '<volumes>',
  flags: {
    format: { type: 'string', short: 'f', complete: 'json', help: inspectFormatHelp },
    size: { type: 'bool', short: 's', help: 'Display the disk usage of the volume' },
  },
  run: async (cli, names, { format, size }) => {
    const engine = await cli.engine();
    const found: Volume[] = [];
    const errors: string[] = [];
    for (const name of names) {
      try {
        found.push(getVolume(engine, name));
      } catch (error) {
        errors.push(errorSentence(error));
      }
    }
    const objects = await Promise.all(
      found.map(async (volume) =>
        asStruct(
          { name: 'volume.Volume', nils },
          size ? { ...volume, Size: await volumeSize(volume.Mountpoint) } : volume,
        ),
      ),
    );
    const { text, error, exitCode } = formatInspect(objects, format);
    cli.stdout.write(text);
    if (error) throw new StatusError(exitCode, [error.message, ...errors].join('\n'));
    if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
  },
});
