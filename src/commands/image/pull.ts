import { defineCommand, exactly, StatusError, UsageError } from '../../cli/command.ts';
import { familiarName, type Reference, repositoryName, withDefaultTag } from '../../docker/reference.ts';
import { type PulledImage, pullAllTags, pullImage } from '../../engine/image/pull.ts';
import { dockerConfigDir } from './docker-config.ts';
import { namedReference } from './named.ts';
import { progressMode, pullReporter, pullStatus, pullSummary } from './progress.ts';
import { refuseIpfs, refuseUnsupported, verifyFlags } from './unsupported.ts';

const progressValues = ['auto', 'tty', 'plain', 'json', 'quiet'];

export const command = defineCommand({
  use: 'pull [OPTIONS] NAME[:TAG|@DIGEST]',
  short: 'Download an image from a registry',
  args: exactly(1),
  complete: '<images>',
  flags: {
    'all-platforms': { type: 'bool', help: 'Pull content for all platforms' },
    'all-tags': { type: 'bool', short: 'a', help: 'Download all tagged images in the repository' },
    'disable-content-trust': { type: 'bool', default: true, help: 'Skip image verification', hidden: true },
    platform: {
      type: 'slice',
      complete: '<platforms>',
      help: 'Set platform if server is multi-platform capable',
      value: 'string',
    },
    progress: {
      type: 'string',
      default: 'auto',
      complete: 'auto|json|plain|quiet|tty',
      help: `Set type of progress output ("${progressValues.join('", "')}")`,
    },
    quiet: { type: 'bool', short: 'q', help: 'Suppress verbose output' },
    unpack: {
      type: 'string',
      default: 'auto',
      complete: 'auto|true|false',
      help: 'Unpack the image (auto|true|false)',
      bare: 'true',
    },
    ...verifyFlags,
  },
  run: async (cli, [ref = ''], flags) => {
    refuseUnsupported(verifyFlags, flags);
    refuseIpfs(ref);
    if (!progressValues.includes(flags.progress))
      throw new UsageError(`invalid value "${flags.progress}" for --progress`);
    if (!['auto', 'true', 'false'].includes(flags.unpack))
      throw new UsageError(`invalid value "${flags.unpack}" for --unpack`);
    const parsed = namedReference(ref);
    const allTags = flags['all-tags'];
    if (allTags && (parsed.tag !== undefined || parsed.digest !== undefined)) {
      throw new StatusError(1, "tag can't be used with --all-tags/-a");
    }
    const reference = allTags ? parsed : withDefaultTag(parsed);
    const mode = progressMode(cli.stdout, flags.progress, flags.quiet);
    const talks = mode === 'tty' || mode === 'plain';
    if (talks && reference.tag !== parsed.tag) cli.stdout.write('Using default tag: latest\n');
    const reporter = pullReporter(cli.stdout, mode);
    const engine = await cli.engine();
    const wanted = flags.platform.length > 0 ? flags.platform : [cli.env.DOCKER_DEFAULT_PLATFORM || undefined];
    const pulled: PulledImage[] = [];
    const report = (image: PulledImage): void => {
      pulled.push(image);
      if (mode === 'json') cli.stdout.write(`${JSON.stringify({ type: 'pulled', ...image })}\n`);
      else if (talks && allTags) cli.stdout.write(`Digest: ${image.digest}\n`);
    };
    try {
      for (const platform of wanted) {
        const options = {
          platform,
          allPlatforms: flags['all-platforms'],
          unpack: flags.unpack === 'auto' ? undefined : flags.unpack === 'true',
          dockerConfig: dockerConfigDir(cli),
          onEvent: reporter.event,
          onPulled: report,
        };
        if (allTags) await pullAllTags(engine, ref, options);
        else report(await pullImage(engine, ref, options));
      }
    } finally {
      reporter.end();
    }
    if (mode === 'json') return;
    if (talks) cli.stdout.write(ending(pulled, reference));
    if (talks) for (const { warning } of pulled) if (warning) cli.stdout.write(`WARNING: ${warning}\n`);
    cli.stdout.write(`${allTags ? repositoryName(reference) : pulled.at(-1)!.name}\n`);
  },
});

/** Several tags, or several platforms of one, are told as one. */
function ending(pulled: readonly PulledImage[], reference: Reference): string {
  const changed = pulled.some((image) => image.changed);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    return pullSummary({ digest: pulled.at(-1)!.digest, changed }, reference);
  }
  return pullStatus(changed, familiarName(reference));
}
