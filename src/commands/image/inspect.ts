import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { formatInspect } from '../../docker/format/inspect.ts';
import { asStruct } from '../../docker/template/values.ts';
import { type InspectedImage, inspectImage, inspectImageNative } from '../../engine/image/inspect.ts';
import { inspectFormatHelp } from '../format-help.ts';

export const command = defineCommand({
  use: 'inspect [OPTIONS] IMAGE [IMAGE...]',
  short: 'Display detailed information on one or more images',
  args: atLeast(1),
  complete: '<images>',
  flags: {
    format: { type: 'string', short: 'f', complete: 'json', help: inspectFormatHelp },
    mode: { type: 'string', default: 'dockercompat', hidden: true, help: 'Inspect mode, "dockercompat" or "native"' },
    platform: {
      type: 'string',
      complete: '<platforms>',
      help: 'Inspect a specific platform of the multi-platform image',
    },
  },
  run: async (cli, refs, { format, mode, platform }) => {
    if (mode !== 'dockercompat' && mode !== 'native') throw new StatusError(1, `unknown mode "${mode}"`);
    const engine = await cli.engine();
    const options = { platform: platform || undefined };
    const results = await Promise.allSettled(
      refs.map(
        async (ref): Promise<object> =>
          mode === 'native'
            ? inspectImageNative(engine, ref, options)
            : typed(await inspectImage(engine, ref, options)),
      ),
    );
    if (cli.signal.aborted) throw cli.signal.reason;
    const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [errorSentence(result.reason)] : []));
    const { text, error, exitCode } = formatInspect(found, format);
    cli.stdout.write(text);
    if (error) throw new StatusError(exitCode, error.message);
    if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
  },
});

const configNils = {
  Env: '[]string',
  Cmd: '[]string',
  Entrypoint: '[]string',
  OnBuild: '[]string',
  Volumes: 'map[string]struct {}',
  Labels: 'map[string]string',
};

/** What templates need to know of docker's Go types. Also for the `inspect` that takes any kind of object. */
export function typed(image: InspectedImage): InspectedImage {
  asStruct({ name: 'container.Config', nils: configNils }, image.Config);
  asStruct({ name: 'types.RootFS' }, image.RootFS);
  asStruct({ name: 'types.GraphDriverData', nils: { Data: 'map[string]string' } }, image.GraphDriver);
  asStruct({ name: 'image.Metadata' }, image.Metadata);
  return asStruct({ name: 'types.ImageInspect' }, image);
}
