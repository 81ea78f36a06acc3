import { defineCommand, exactly, type FlagTable, flagTable, StatusError } from '../../cli/command.ts';
import { convertImage } from '../../engine/image/convert.ts';
import { refuseUnsupported } from './unsupported.ts';

const lazyPulling = flagTable({
  estargz: { type: 'bool', help: '', hidden: true },
  zstdchunked: { type: 'bool', help: '', hidden: true },
  nydus: { type: 'bool', help: '', hidden: true },
  overlaybd: { type: 'bool', help: '', hidden: true },
  soci: { type: 'bool', help: '', hidden: true },
  erofs: { type: 'string', help: '', hidden: true },
} satisfies FlagTable);

export const command = defineCommand({
  use: 'convert [OPTIONS] SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  short: 'Convert an image to another format',
  args: exactly(2),
  flags: {
    'all-platforms': { type: 'bool', help: 'Convert the content of all platforms that is here' },
    oci: { type: 'bool', help: 'Convert Docker media types to OCI media types' },
    platform: { type: 'slice', value: 'string', help: 'Convert the content of a specific platform' },
    uncompress: { type: 'bool', help: 'Convert gzip and zstd layers to uncompressed ones' },
    zstd: { type: 'bool', help: 'Convert layers to zstd (implies --oci)' },
    'zstd-compression-level': { type: 'int', default: 3, help: 'Compression level of --zstd, 1 to 19' },
    ...lazyPulling,
  },
  run: async (cli, [from = '', to = ''], flags) => {
    refuseUnsupported(lazyPulling, flags);
    if (flags.zstd && flags.uncompress) {
      throw new StatusError(1, 'conflicting options: cannot specify both --zstd and --uncompress');
    }
    if (!flags.zstd && !flags.uncompress && !flags.oci) {
      throw new StatusError(1, 'nothing to convert: specify --oci, --zstd or --uncompress');
    }
    const level = flags['zstd-compression-level'];
    if (level < 1 || level > 19) throw new StatusError(1, `invalid compression level ${level}: it must be 1 to 19`);
    const digest = await convertImage(await cli.engine(), from, to, {
      oci: flags.oci,
      layers: flags.zstd ? { kind: 'zstd', level } : { kind: flags.uncompress ? 'plain' : 'keep' },
      platforms: flags.platform,
      allPlatforms: flags['all-platforms'],
    });
    cli.stdout.write(`${digest}\n`);
  },
});
