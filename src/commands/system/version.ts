import { type Cli, defineCommand, noArgs } from '../../cli/command.ts';
import { type ServerVersion, serverVersion } from '../../engine/system/version.ts';
import { type ClientVersion, clientVersion } from './client-version.ts';

export const command = defineCommand({
  use: 'version [OPTIONS]',
  short: 'Show the nerdctl version information',
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
  },
  async run(cli, _args, { format }) {
    const render = format === '' ? versionText : await templateRenderer(format);
    const client = clientVersion();
    let server: ServerVersion | null = null;
    let failure: unknown;
    try {
      server = await askServer(cli, format);
    } catch (error) {
      failure = error;
    }
    try {
      cli.stdout.write(render(client, server));
    } catch (error) {
      if (failure === undefined) throw error;
      // As docker, an empty line where the server that did not answer was asked for.
      cli.stdout.write('\n');
    }
    if (failure !== undefined) throw failure;
  },
});

type Render = (client: ClientVersion, server: ServerVersion | null) => string;

async function templateRenderer(format: string): Promise<Render> {
  const { describeVersion, outputTemplate } = await import('./template.ts');
  const template = outputTemplate(format);
  return (client, server) => `${template.execute(describeVersion(client, server))}\n`;
}

async function askServer(cli: Cli, format: string): Promise<ServerVersion> {
  // runc is a process to ask: not for a template that cannot show it.
  const components = format === '' || /json|Components|range|with|\.Server\s*[|})]/.test(format);
  return serverVersion(await cli.engine(), components);
}

function versionText(client: ClientVersion, server: ServerVersion | null): string {
  const rows: [string, string][] = [
    [' Version:', client.Version],
    [' API version:', client.ApiVersion],
    [' Node version:', client.NodeVersion],
    [' Git commit:', client.GitCommit],
    [' OS/Arch:', `${client.Os}/${client.Arch}`],
    [' Context:', client.Context],
  ];
  const parts = server?.Components.map(({ Name, Version, Details }) => {
    const details = Object.entries(Details).map(([key, value]): [string, string] => [`  ${key}:`, value]);
    return ` ${Name}:\n${table([['  Version:', Version], ...details])}`;
  });
  return `Client:\n${table(rows)}${parts === undefined ? '' : `\nServer:\n${parts.join('')}`}`;
}

function table(rows: readonly (readonly [label: string, value: string])[]): string {
  return rows
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `${label.padEnd(19)} ${value}\n`)
    .join('');
}
