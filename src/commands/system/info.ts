import { type Cli, defineCommand, noArgs, StatusError } from '../../cli/command.ts';
import { quote } from '../../cli/quote.ts';
import { version } from '../../cli/version.ts';
import { asStruct } from '../../docker/template/values.ts';
import { systemInfo } from '../../engine/system/info.ts';
import { nativeInfo } from '../../engine/system/native-info.ts';
import { nativeInfoText, serverInfoText } from './info-text.ts';
import { outputTemplate } from './template.ts';

export const command = defineCommand({
  use: 'info [OPTIONS]',
  short: 'Display system-wide information',
  args: noArgs,
  flags: {
    format: {
      type: 'string',
      short: 'f',
      complete: 'json',
      help: `Format output using a custom template:
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`,
    },
    mode: {
      type: 'string',
      default: 'dockercompat',
      help: 'Information mode ("dockercompat" for Docker\'s view, "native" for containerd\'s)',
    },
  },
  async run(cli, _args, { format, mode }) {
    if (mode !== 'dockercompat' && mode !== 'native')
      throw new StatusError(1, `unknown mode ${quote(mode)}: must be "dockercompat" or "native"`);
    const template = format === '' ? undefined : outputTemplate(format);
    if (mode === 'native') {
      const info = await nativeInfo(await cli.engine());
      cli.stdout.write(template ? `${template.execute(info)}\n` : nativeInfoText(info));
      return;
    }
    if (template === undefined) cli.stdout.write(clientText(cli));
    const info = await systemInfo(await cli.engine());
    const ClientInfo = { Debug: cli.settings.debug, Version: version, Context: 'default', Plugins: [], Warnings: null };
    if (template === undefined) {
      cli.stdout.write(serverInfoText(info));
      for (const warning of info.Warnings ?? []) cli.stderr.write(`${warning}\n`);
    } else cli.stdout.write(`${template.execute(asStruct({ name: 'system.dockerInfo' }, { ...info, ClientInfo }))}\n`);
  },
});

function clientText({ settings }: Cli): string {
  const rows = [
    ` Version:    ${version}`,
    ' Context:    default',
    ` Namespace:  ${settings.namespace}`,
    ` Debug Mode: ${settings.debug}`,
  ];
  return `Client:\n${rows.join('\n')}\n\nServer:\n`;
}
