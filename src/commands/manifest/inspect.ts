import { between, type Cli, defineCommand, StatusError } from '../../cli/command.ts';
import type { OciDescriptor } from '../../docker/oci.ts';
import { formatReference, type Reference } from '../../docker/reference.ts';
import { descriptorsFor, listDocument } from '../../engine/manifest/list.ts';
import { type ImageManifest, manifestStore } from '../../engine/manifest/store.ts';
import { dockerConfigDir } from '../image/docker-config.ts';
import { manifestReference } from './reference.ts';

export const command = defineCommand({
  use: 'inspect [OPTIONS] [MANIFEST_LIST] MANIFEST',
  short: 'Display an image manifest, or manifest list',
  args: between(1, 2),
  complete: '<images>',
  flags: {
    insecure: { type: 'bool', help: 'Allow communication with an insecure registry' },
    verbose: { type: 'bool', short: 'v', help: 'Output additional info including layers and platform' },
  },
  run: async (cli, args, { insecure, verbose }) => {
    const reference = manifestReference(args.at(-1) ?? '');
    const name = formatReference(reference);
    const store = manifestStore(dockerConfigDir(cli));
    if (args.length === 2) {
      const manifest = store.get(formatReference(manifestReference(args[0] ?? '')), name);
      if (!manifest) throw new StatusError(1, `No such manifest: ${name}`);
      return printManifest(cli, manifest, verbose);
    }
    const local = store.list(name);
    if (local) return printList(cli, verbose ? local : localDescriptors(reference, local), verbose);
    const [{ fetchRemote }, { manifestRegistry }] = await Promise.all([
      import('../../engine/manifest/fetch.ts'),
      import('./registry.ts'),
    ]);
    const found = await fetchRemote(manifestRegistry(cli, insecure), reference, verbose);
    if ('image' in found) return printManifest(cli, found.image, verbose);
    printList(cli, verbose ? found.manifests : found.index.manifests, verbose);
  },
});

function localDescriptors(reference: Reference, manifests: readonly ImageManifest[]): OciDescriptor[] {
  try {
    return descriptorsFor(reference, manifests);
  } catch (error) {
    throw new StatusError(1, `failed to assemble ManifestDescriptor: ${(error as Error).message}`, { cause: error });
  }
}

function printManifest(cli: Cli, manifest: ImageManifest, verbose: boolean): void {
  const shown = verbose ? manifest : (manifest.SchemaV2Manifest ?? manifest.OCIManifest);
  cli.stdout.write(`${JSON.stringify(shown, undefined, '\t')}\n`);
}

function printList(cli: Cli, list: readonly ImageManifest[] | readonly OciDescriptor[], verbose: boolean): void {
  const text = verbose ? JSON.stringify(list, undefined, '\t') : listDocument(list as readonly OciDescriptor[]).text;
  cli.stdout.write(`${text}\n`);
}
