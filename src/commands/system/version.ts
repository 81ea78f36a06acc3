import { type Cli, defineCommand, noArgs } from '../../cli/command.ts';
import { revision, version } from '../../cli/version.ts';
import { asStruct } from '../../docker/template/values.ts';
import type { ServerVersion } from '../../engine/system/version.ts';
import { hostPlatform } from '../../host/platform.ts';
import { outputTemplate } from './template.ts';

const apiVersion = '1.47';

export const command = defineCommand({
  use: 'version [OPTIONS]',
  short: 'Show the nerdctl version information',
  args: noArgs,
  flags: {
    format: {
      type: 'string',
      short: 'f',
      help: `Format output using a custom template:
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`,
    },
  },
  async run(cli, _args, { format }) {
    const template = outputTemplate(format);
    // runc is a process to ask: not for a template that cannot show it.
    const components = format === '' || /json|Components|\.Server\s*[|})]/.test(format);
    const client = clientVersion();
    let server: ServerVersion | null = null;
    let failure: unknown;
    try {
      server = await askServer(cli, components);
    } catch (error) {
      failure = error;
    }
    if (template === undefined) cli.stdout.write(clientText(client) + (server ? serverText(server) : ''));
    else cli.stdout.write(`${render(() => template.execute(describe(client, server)), failure !== undefined)}\n`);
    if (failure !== undefined) throw failure;
  },
});

async function askServer(cli: Cli, components: boolean): Promise<ServerVersion> {
  const engine = await cli.engine();
  const { serverVersion } = await import('../../engine/system/version.ts');
  return serverVersion(engine, components);
}

interface ClientVersion {
  Version: string;
  ApiVersion: string;
  DefaultAPIVersion: string;
  GitCommit: string;
  NodeVersion: string;
  Os: string;
  Arch: string;
  Context: string;
}

function clientVersion(): ClientVersion {
  const { os, architecture } = hostPlatform();
  return {
    Version: version,
    ApiVersion: apiVersion,
    DefaultAPIVersion: apiVersion,
    GitCommit: revision,
    NodeVersion: process.version,
    Os: os,
    Arch: architecture,
    Context: 'default',
  };
}

/** Templates say APIVersion, JSON says ApiVersion. */
const methods = {
  APIVersion: { params: [], call: (of: object) => (of as { ApiVersion: string }).ApiVersion },
};

function describe(client: ClientVersion, server: ServerVersion | null): object {
  const Client = asStruct({ name: 'system.clientVersion', methods }, { ...client });
  const Server = server && asStruct({ name: '*system.serverVersion', methods }, { ...server });
  return asStruct({ name: 'system.versionInfo' }, { Client, Server });
}

/** As docker, an empty line where the server that did not answer was asked for. */
function render(execute: () => string, failed: boolean): string {
  try {
    return execute();
  } catch (error) {
    if (!failed) throw error;
    return '';
  }
}

function clientText(client: ClientVersion): string {
  const rows: [string, string][] = [
    [' Version:', client.Version],
    [' API version:', client.ApiVersion],
    [' Node version:', client.NodeVersion],
    [' Git commit:', client.GitCommit],
    [' OS/Arch:', `${client.Os}/${client.Arch}`],
    [' Context:', client.Context],
  ];
  return `Client:\n${table(rows)}`;
}

function serverText(server: ServerVersion): string {
  const parts = server.Components.map(({ Name, Version, Details }) => {
    const rows: [string, string][] = [['  Version:', Version]];
    for (const [key, value] of Object.entries(Details)) rows.push([`  ${key}:`, value]);
    return ` ${Name}:\n${table(rows)}`;
  });
  return `\nServer:\n${parts.join('')}`;
}

function table(rows: readonly (readonly [label: string, value: string])[]): string {
  return rows
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `${label.padEnd(19)} ${value}\n`)
    .join('');
}
