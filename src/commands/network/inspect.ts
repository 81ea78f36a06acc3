import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { formatInspect } from '../../docker/format/inspect.ts';
import { inspectNetwork, inspectNetworkNative } from '../../engine/network/inspect.ts';
import { inspectFormatHelp } from '../format-help.ts';

export const command = defineCommand({
  use: 'inspect [OPTIONS] NETWORK [NETWORK...]',
  short: 'Display detailed information on one or more networks',
  args: atLeast(1),
  complete: '<networks>',
  flags: {
    format: { type: 'string', short: 'f', complete: 'json', help: inspectFormatHelp },
    mode: { type: 'string', default: 'dockercompat', hidden: true, help: 'Inspect mode, "dockercompat" or "native"' },
    verbose: { type: 'bool', short: 'v', help: 'Verbose output for diagnostics' },
  },
  run: async (cli, names, { format, mode }) => {
    const engine = await cli.engine();
    const inspect = mode === 'native' ? inspectNetworkNative : inspectNetwork;
    const results = await Promise.allSettled(names.map((name): Promise<object> => inspect(engine, name)));
    const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [errorSentence(result.reason)] : []));
    const { text, error, exitCode } = formatInspect(found, format);
    cli.stdout.write(text);
    if (error) throw new StatusError(exitCode, error.message);
    if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
  },
});
