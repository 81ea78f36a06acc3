import type { Readable } from 'node:stream';
import { type Cli, defineCommand, noArgs, StatusError } from '../../cli/command.ts';
import { formatFamiliar, parseReference } from '../../docker/reference.ts';
import { type LoadEvent, loadImages } from '../../engine/image/load.ts';
import { type SeekableFile, seekableFile } from '../../host/seekable.ts';
import { openArchive } from './open-archive.ts';

export const command = defineCommand({
  use: 'load [OPTIONS]',
  short: 'Load an image from a tar archive or STDIN',
  args: noArgs,
  flags: {
    'all-platforms': { type: 'bool', help: 'Unpack the images of all platforms in the archive' },
    input: { type: 'string', short: 'i', complete: '<files>', help: 'Read from tar archive file, instead of STDIN' },
    platform: {
      type: 'slice',
      value: 'strings',
      complete: '<platforms>',
      help: 'Load only the given platform(s). Formatted as a comma-separated list of "os[/arch[/variant]]" (e.g., "linux/amd64,linux/arm64/v8")',
    },
    quiet: { type: 'bool', short: 'q', help: 'Suppress the load output' },
  },
  run: async (cli, _args, flags) => {
    const { input, close } = await openInput(cli, flags.input);
    const engine = await cli.engine();
    const loaded = await loadImages(engine, input, {
      platforms: flags.platform,
      allPlatforms: flags['all-platforms'],
      onEvent: (event) => announce(cli, event),
    }).finally(close);
    for (const { names, imageId } of loaded) {
      if (names.length === 0) cli.stdout.write(`Loaded image ID: ${imageId}\n`);
      for (const name of names) cli.stdout.write(`Loaded image: ${formatFamiliar(parseReference(name))}\n`);
    }
  },
});

function announce(cli: Cli, event: LoadEvent): void {
  if (event.type !== 'renamed') return;
  const name = formatFamiliar(parseReference(event.name));
  cli.stdout.write(
    `The image ${name} already exists, renaming the old one with ID ${event.previous} to empty string\n`,
  );
}

async function openInput(cli: Cli, path: string): Promise<{ input: Readable | SeekableFile; close(): unknown }> {
  const file = path === '' ? undefined : await openArchive(path, 'load');
  const seekable = seekableFile(file?.fd ?? 0);
  if (seekable) return { input: seekable, close: () => file?.close() };
  if (!file && cli.stdin.isTTY) throw new StatusError(1, 'requested load from stdin, but stdin is empty');
  const stream = file?.createReadStream() ?? cli.stdin;
  return { input: stream, close: () => stream.destroy() };
}
