import { defineCommand, exactly } from '../../cli/command.ts';
import { findContainer } from '../../engine/container/find.ts';
import { attachToContainer } from './attach-to.ts';
import { checkDetachKeys } from './session.ts';

export const command = defineCommand({
  use: 'attach [OPTIONS] CONTAINER',
  short: 'Attach local standard input, output, and error streams to a running container',
  args: exactly(1),
  complete: '<unpaused>',
  flags: {
    'detach-keys': { type: 'string', complete: 'ctrl-', help: 'Override the key sequence for detaching a container' },
    'no-stdin': { type: 'bool', help: 'Do not attach STDIN' },
    'sig-proxy': { type: 'bool', default: true, help: 'Proxy all received signals to the process' },
  },
  run: async (cli, [ref], flags) => {
    const container = await findContainer(await cli.engine(), ref!);
    checkDetachKeys(flags['detach-keys'], 'detach keys');
    return attachToContainer(cli, container, {
      'detach-keys': flags['detach-keys'],
      stdin: !flags['no-stdin'],
      sigProxy: flags['sig-proxy'],
    });
  },
});
