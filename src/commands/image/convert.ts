import { defineCommand, exactly, StatusError, UsageError } from '../../cli/command.ts';
import { convertImage } from '../../engine/image/convert.ts';
import { convertReporter } from './convert-progress.ts';
import { progressMode } from './progress.ts';
import { lazyFormatFlags, refuseUnsupported } from './unsupported.ts';

const progressValues = ['auto', 'tty', 'plain', 'json', 'quiet'];

export const command = defineCommand({
  use: 'convert [OPTIONS] SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  short: 'Convert an image to another format',
  args: exactly(2),
  complete: '<images>',
  flags: {
    'all-platforms': { type: 'bool', help: 'Convert the content of all platforms that is here' },
    format: { type: 'string', complete: 'json', help: 'Format of the output: the digest, or "json"' },
    oci: { type: 'bool', help: 'Convert Docker media types to OCI media types' },
    platform: {
      type: 'slice',
      value: 'string',
      complete: '<platforms>',
      help: 'Convert the content of a specific platform',
    },
    progress: {
      type: 'string',
      default: 'auto',
      complete: 'auto|json|plain|quiet|tty',
      help: `Set type of progress output ("${progressValues.join('", "')}")`,
    },
    quiet: { type: 'bool', short: 'q', help: 'Suppress the progress output' },
    uncompress: { type: 'bool', help: 'Convert gzip and zstd layers to uncompressed ones' },
    zstd: { type: 'bool', help: 'Convert layers to zstd (implies --oci)' },
    'zstd-compression-level': { type: 'int', default: 3, help: 'Compression level of --zstd, 1 to 19' },
    ...lazyFormatFlags,
  },
  run: async (cli, [from = '', to = ''], flags) => {
    refuseUnsupported(lazyFormatFlags, flags);
    if (flags.zstd && flags.uncompress) {
      throw new StatusError(1, 'conflicting options: cannot specify both --zstd and --uncompress');
    }
    if (!flags.zstd && !flags.uncompress && !flags.oci) {
      throw new StatusError(1, 'nothing to convert: specify --oci, --zstd or --uncompress');
    }
    if (!progressValues.includes(flags.progress))
      throw new UsageError(`invalid value "${flags.progress}" for --progress`);
    if (!['', 'json'].includes(flags.format)) throw new StatusError(1, `invalid --format "${flags.format}": use json`);
    const level = flags['zstd-compression-level'];
    if (level < 1 || level > 19) throw new StatusError(1, `invalid compression level ${level}: it must be 1 to 19`);
    const converted = await convertImage(await cli.engine(), from, to, {
      oci: flags.oci,
      layers: flags.zstd ? { kind: 'zstd', level } : { kind: flags.uncompress ? 'plain' : 'keep' },
      platforms: flags.platform,
      allPlatforms: flags['all-platforms'],
      // stdout is the digest alone, for scripts.
      onEvent: convertReporter(cli.stderr, progressMode(cli.stderr, flags.progress, flags.quiet)),
    });
    cli.stdout.write(flags.format === 'json' ? convertedJson(converted) : `${converted.digest}\n`);
  },
});

/** As Go nerdctl has it, for its scripts. */
function convertedJson({ name, digest }: { name: string; digest: string }): string {
  return `${JSON.stringify({ Image: `${name}@${digest}`, ExtraImages: null }, undefined, 4)}\n`;
}
