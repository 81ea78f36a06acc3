import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { prepareGoLogger } from '../../engine/container/go-logger.ts';

/** The launcher calls it for `_NERDCTL_INTERNAL_LOGGING`, before the monitor takes its place. */
export const command = defineCommand({
  use: 'logger DATA_STORE',
  short: 'Prepare the monitor to be the logger of a container',
  args: exactly(1),
  flags: {},
  run: async (cli, [dataStore]) => {
    const { CONTAINER_ID: id, CONTAINER_NAMESPACE: namespace } = cli.env;
    if (!id || !namespace) throw new StatusError(1, 'CONTAINER_ID and CONTAINER_NAMESPACE must be set');
    await prepareGoLogger(dataStore!, namespace, id, process.cwd());
  },
});
