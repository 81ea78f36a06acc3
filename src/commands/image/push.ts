import { defineCommand, exactly, StatusError, UsageError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { formatReference, withDefaultTag } from '../../docker/reference.ts';
import { pushImage } from '../../engine/image/push.ts';
import { dockerConfigDir } from './docker-config.ts';
import { namedReference } from './named.ts';
import { progressMode } from './progress.ts';
import { note, pushReporter } from './push-progress.ts';
import { refuseIpfs, refuseUnsupported, signFlags } from './unsupported.ts';

const progressValues = ['auto', 'tty', 'plain', 'json', 'quiet'];

const platformNote = `Using --platform pushes only the specified platform manifest of a multi-platform image index.
Other components, like attestations, will not be included.
To push the complete multi-platform image, remove the --platform flag.`;

export const command = defineCommand({
  use: 'push [OPTIONS] NAME[:TAG]',
  short: 'Upload an image to a registry',
  args: exactly(1),
  complete: '<images>',
  flags: {
    'all-platforms': { type: 'bool', help: 'Push all platforms, and fail if one is not on this host' },
    'all-tags': { type: 'bool', short: 'a', help: 'Push all tags of an image to the repository' },
    'disable-content-trust': { type: 'bool', default: true, help: 'Skip image signing', hidden: true },
    platform: {
      type: 'slice',
      value: 'string',
      complete: '<platforms>',
      help: 'Push only the given platforms of a multi-platform image ("os[/arch[/variant]]")',
    },
    progress: {
      type: 'string',
      default: 'auto',
      complete: 'auto|json|plain|quiet|tty',
      help: `Set type of progress output ("${progressValues.join('", "')}")`,
    },
    quiet: { type: 'bool', short: 'q', help: 'Suppress verbose output' },
    ...signFlags,
  },
  run: async (cli, [name = ''], flags) => {
    refuseUnsupported(signFlags, flags);
    refuseIpfs(name);
    if (!progressValues.includes(flags.progress))
      throw new UsageError(`invalid value "${flags.progress}" for --progress`);
    const parsed = namedReference(name);
    const named = parsed.tag !== undefined || parsed.digest !== undefined;
    if (flags['all-tags'] && named) throw new StatusError(1, "tag can't be used with --all-tags/-a");
    if (parsed.digest !== undefined) throw new StatusError(1, 'cannot push a digest reference');
    const reference = flags['all-tags'] ? parsed : withDefaultTag(parsed);
    const mode = progressMode(cli.stdout, flags.progress, flags.quiet);
    const talks = mode === 'tty' || mode === 'plain';
    if (talks && flags.platform.length > 0) cli.stdout.write(note(platformNote));
    if (talks && reference.tag !== parsed.tag) cli.stdout.write('Using default tag: latest\n');
    const report = pushReporter(cli.stdout, mode);
    let started = false;
    try {
      await pushImage(await cli.engine(), formatReference(reference), {
        allTags: flags['all-tags'],
        platforms: flags.platform,
        allPlatforms: flags['all-platforms'],
        dockerConfig: dockerConfigDir(cli),
        onEvent: (event) => {
          started = true;
          report(event);
        },
      });
    } catch (error) {
      // What comes in the midst of the progress, docker prints as it is.
      if (started && isDockerError(error)) throw new StatusError(1, error.message, { cause: error });
      throw error;
    }
    if (mode === 'quiet') cli.stdout.write(`${formatReference(reference)}\n`);
  },
});
