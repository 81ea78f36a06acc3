import type { Readable } from 'node:stream';
import { atLeast, defineCommand } from '../../cli/command.ts';
import { importImage } from '../../engine/image/import.ts';
import { openArchive } from './open-archive.ts';

export const command = defineCommand({
  use: 'import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  short: 'Import the contents from a tarball to create a filesystem image',
  args: atLeast(1),
  complete: ['<files>', ''],
  flags: {
    change: { type: 'array', short: 'c', value: 'list', help: 'Apply Dockerfile instruction to the created image' },
    message: { type: 'string', short: 'm', help: 'Set commit message for imported image' },
    platform: { type: 'string', complete: '<platforms>', help: 'Set platform if server is multi-platform capable' },
  },
  run: async (cli, [source = '', name], { change, message, platform }) => {
    const isUrl = /^https?:\/\//.test(source);
    // What comes before an @ may be a password, and the message is kept in the image.
    const shown = source.replace(/^(https?:\/\/)[^/]*@/, '$1');
    if (isUrl) cli.stdout.write(`Downloading from ${shown}\n`);
    const open = async (): Promise<Readable> =>
      source === '-' ? cli.stdin : (await openArchive(source, 'import')).createReadStream({ highWaterMark: 1 << 20 });
    const id = await importImage(await cli.engine(), isUrl ? source : open, {
      name,
      // docker's daemon gets a file as a stream and says so.
      message: message || `Imported from ${isUrl ? shown : '-'}`,
      changes: change,
      platform: platform || undefined,
    });
    cli.stdout.write(`${id}\n`);
  },
});
