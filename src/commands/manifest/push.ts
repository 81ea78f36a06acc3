import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { formatReference } from '../../docker/reference.ts';
import { pushList } from '../../engine/manifest/push.ts';
import { manifestStore } from '../../engine/manifest/store.ts';
import { dockerConfigDir } from '../image/docker-config.ts';
import { progressMode } from '../image/progress.ts';
import { pushReporter } from '../image/push-progress.ts';
import { manifestReference } from './reference.ts';
import { manifestRegistry } from './registry.ts';

export const command = defineCommand({
  use: 'push [OPTIONS] MANIFEST_LIST',
  short: 'Push a manifest list to a repository',
  args: exactly(1),
  flags: {
    insecure: { type: 'bool', help: 'Allow push to an insecure registry' },
    purge: { type: 'bool', short: 'p', help: 'Remove the local manifest list after push' },
  },
  run: async (cli, [list = ''], { insecure, purge }) => {
    const target = manifestReference(list);
    const name = formatReference(target);
    const store = manifestStore(dockerConfigDir(cli));
    const manifests = store.list(name);
    if (!manifests) throw new StatusError(1, `No such manifest: ${name}`);
    if (manifests.length === 0) throw new StatusError(1, `${name} not found`);
    // stdout is docker's, which shows no progress here.
    const reporter = () => pushReporter(cli.stderr, progressMode(cli.stderr, 'auto', false));
    let report = reporter();
    const digest = await pushList(manifestRegistry(cli, insecure), target, manifests, {
      onEvent: (event) => report(event),
      onManifest: (ref, pushed) => {
        cli.stdout.write(`Pushed ref ${ref} with digest: ${pushed}\n`);
        // What comes next is painted below that line.
        report = reporter();
      },
    });
    cli.stdout.write(`${digest}\n`);
    if (purge) await store.remove(name);
  },
});
