import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { formatReference } from '../../docker/reference.ts';
import { manifestStore } from '../../engine/manifest/store.ts';
import { dockerConfigDir } from '../image/docker-config.ts';
import { manifestReference } from './reference.ts';

export const command = defineCommand({
  use: 'rm MANIFEST_LIST [MANIFEST_LIST...]',
  short: 'Delete one or more manifest lists from local storage',
  args: atLeast(1),
  flags: {},
  run: async (cli, lists) => {
    const store = manifestStore(dockerConfigDir(cli));
    const errors: string[] = [];
    for (const list of lists) {
      try {
        const name = formatReference(manifestReference(list));
        if (!store.list(name)) throw new Error(`No such manifest: ${name}`);
        await store.remove(name);
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
    if (errors.length > 0) throw new StatusError(1, errors.join('\n'));
  },
});
