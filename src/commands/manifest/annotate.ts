import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { formatReference } from '../../docker/reference.ts';
import { orderedPlatform } from '../../engine/manifest/fetch.ts';
import { isKnownPlatform } from '../../engine/manifest/list.ts';
import { manifestStore } from '../../engine/manifest/store.ts';
import { dockerConfigDir } from '../image/docker-config.ts';
import { manifestReference } from './reference.ts';

export const command = defineCommand({
  use: 'annotate [OPTIONS] MANIFEST_LIST MANIFEST',
  short: 'Add additional information to a local image manifest',
  args: exactly(2),
  flags: {
    arch: { type: 'string', complete: '386|amd64|arm|arm64|ppc64le|riscv64|s390x', help: 'Set architecture' },
    os: { type: 'string', complete: 'linux|windows', help: 'Set operating system' },
    'os-features': { type: 'slice', value: 'strings', help: 'Set operating system feature' },
    'os-version': { type: 'string', help: 'Set operating system version' },
    variant: { type: 'string', help: 'Set architecture variant' },
  },
  run: async (cli, [list = '', image = ''], { arch, os, variant, ...flags }) => {
    const target = formatReference(manifestReference(list, `annotate: error parsing name for manifest list ${list}: `));
    const ref = formatReference(manifestReference(image, `annotate: error parsing name for manifest ${image}: `));
    const store = manifestStore(dockerConfigDir(cli));
    const manifest = store.get(target, ref);
    if (!manifest) throw new StatusError(1, `manifest for image ${image} does not exist in ${list}`);
    const before = manifest.Descriptor.platform ?? { os: '', architecture: '' };
    const platform = orderedPlatform({
      ...before,
      ...(os && { os }),
      ...(arch && { architecture: arch }),
      ...(variant && { variant }),
      ...(flags['os-version'] && { 'os.version': flags['os-version'] }),
      'os.features': [...new Set([...(before['os.features'] ?? []), ...flags['os-features']])],
    });
    if (!isKnownPlatform(platform.os, platform.architecture)) {
      throw new StatusError(1, `manifest entry for image has unsupported os/arch combination: ${os}/${arch}`);
    }
    await store.save(target, { ...manifest, Ref: ref, Descriptor: { ...manifest.Descriptor, platform } });
  },
});
