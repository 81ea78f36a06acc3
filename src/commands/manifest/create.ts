import { atLeast, defineCommand, StatusError } from '../../cli/command.ts';
import { formatReference } from '../../docker/reference.ts';
import { fetchImageManifest } from '../../engine/manifest/fetch.ts';
import { manifestStore } from '../../engine/manifest/store.ts';
import { dockerConfigDir } from '../image/docker-config.ts';
import { manifestReference } from './reference.ts';
import { manifestRegistry } from './registry.ts';

export const command = defineCommand({
  use: 'create MANIFEST_LIST MANIFEST [MANIFEST...]',
  short: 'Create a local manifest list for annotating and pushing to a registry',
  args: atLeast(2),
  flags: {
    amend: { type: 'bool', short: 'a', help: 'Amend an existing manifest list' },
    insecure: { type: 'bool', help: 'Allow communication with an insecure registry' },
  },
  run: async (cli, [list = '', ...refs], { amend, insecure }) => {
    const target = formatReference(manifestReference(list, `error parsing name for manifest list ${list}: `));
    const store = manifestStore(dockerConfigDir(cli));
    if (store.list(target) && !amend) {
      throw new StatusError(1, 'refusing to amend an existing manifest list with no --amend flag');
    }
    const options = manifestRegistry(cli, insecure);
    const references = refs.map((ref) => manifestReference(ref));
    const manifests = await Promise.all(
      references.map(async (reference) => {
        const local = store.get(target, formatReference(reference));
        return local?.Raw ? local : fetchImageManifest(options, reference);
      }),
    );
    for (const manifest of manifests) await store.save(target, manifest);
    cli.stdout.write(`Created manifest list ${target}\n`);
  },
});
