import { defineCommand, noArgs } from '../../cli/command.ts';
import { formatList } from '../../docker/format/list.ts';
import { type ServiceRow, serviceList } from '../../docker/views/service-list.ts';
import { type ServiceStatus, serviceStatus } from '../../engine/service/status.ts';
import { listFormatHelp } from '../format-help.ts';
import { byRootlessScript } from './rootless.ts';

/** As systemctl's, of a unit that does not run. */
const notRunning = 3;

export const command = defineCommand({
  use: 'status [OPTIONS]',
  short: 'Show whether containerd and BuildKit run, and where their files are',
  args: noArgs,
  outside: true,
  flags: { format: { type: 'string', help: listFormatHelp } },
  run: async (cli, _args, { format }) => {
    const code = await byRootlessScript(cli, ['status'], format !== '' && '--format');
    if (code !== undefined) return code;
    const found = await serviceStatus(cli.settings, cli.env);
    cli.stdout.write(await formatList(serviceList, found.map(toRow), { format }));
    return found[0]?.state.answers ? 0 : notRunning;
  },
});

function toRow({ plan, state }: ServiceStatus): ServiceRow {
  const halfway = state.ours ? 'not answering' : 'not running';
  return {
    Name: plan.name,
    Status: state.answers ? 'running' : halfway,
    Pid: state.pid ?? 0,
    StartedBy: state.ours ? 'nerdctl' : (state.unit ?? ''),
    Socket: plan.socket,
    Log: state.ours ? plan.log : '',
  };
}
