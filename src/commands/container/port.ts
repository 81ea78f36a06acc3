import { between, defineCommand, StatusError } from '../../cli/command.ts';
import { joinHostPort } from '../../docker/flags/ports.ts';
import { portLines, portMap } from '../../docker/views/ports.ts';
import { findContainer } from '../../engine/container/find.ts';
import { publishedPorts } from '../../engine/container/ports.ts';
import { findTask, isRunning } from '../../engine/container/task.ts';

export const command = defineCommand({
  use: 'port CONTAINER [PRIVATE_PORT[/PROTO]]',
  short: 'List port mappings or a specific mapping for the container',
  args: between(1, 2),
  complete: ['<running>', ''],
  flags: {},
  run: async (cli, [ref, wanted]) => {
    const engine = await cli.engine();
    const container = await findContainer(engine, ref!);
    const running = isRunning(await findTask(engine, container.id));
    const ports = running ? portMap(publishedPorts(engine, container)) : {};
    if (wanted === undefined) {
      for (const line of portLines(ports)) cli.stdout.write(`${line}\n`);
      return;
    }
    const [port = '', protocol = 'tcp'] = wanted.split('/');
    if (!/^\d+$/.test(port) || Number(port) > 65535) {
      throw new StatusError(
        1,
        `Error: invalid port (${port}): it is a number from 1 to 65535, with /tcp, /udp or /sctp`,
      );
    }
    const bindings = ports[`${port}/${protocol}`];
    if (!bindings?.length) throw new StatusError(1, `Error: No public port '${wanted}' published for ${ref}`);
    for (const { HostIp, HostPort } of bindings) cli.stdout.write(`${joinHostPort(HostIp, HostPort)}\n`);
  },
});
