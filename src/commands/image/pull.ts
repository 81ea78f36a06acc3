import { defineCommand, exactly, UsageError } from '../../cli/command.ts';
import { DockerError } from '../../docker/errors.ts';
import { parseReference, withDefaultTag } from '../../docker/reference.ts';
import { type PulledImage, pullImage } from '../../engine/image/pull.ts';
import { dockerConfigDir } from './docker-config.ts';
import { progressMode, pullReporter, pullSummary } from './progress.ts';
import { refuseIpfs, refuseUnsupported, verifyFlags } from './unsupported.ts';

const progressValues = ['auto', 'tty', 'plain', 'json', 'quiet'];

export const command = defineCommand({
  use: 'pull [OPTIONS] NAME[:TAG|@DIGEST]',
  short: 'Download an image from a registry',
  args: exactly(1),
  flags: {
    'all-platforms': { type: 'bool', help: 'Pull content for all platforms' },
    'all-tags': { type: 'bool', short: 'a', help: 'Download all tagged images in the repository', hidden: true },
    'disable-content-trust': { type: 'bool', default: true, help: 'Skip image verification', hidden: true },
    platform: { type: 'slice', help: 'Set platform if server is multi-platform capable', value: 'string' },
    progress: {
      type: 'string',
      default: 'auto',
      help: `Set type of progress output ("${progressValues.join('", "')}")`,
    },
    quiet: { type: 'bool', short: 'q', help: 'Suppress verbose output' },
    unpack: { type: 'string', default: 'auto', help: 'Unpack the image (auto|true|false)', bare: 'true' },
    ...verifyFlags,
  },
  run: async (cli, [ref = ''], flags) => {
    refuseUnsupported(verifyFlags, flags);
    refuseIpfs(ref);
    if (flags['all-tags']) throw new DockerError('not-implemented', '--all-tags is not supported yet');
    if (!progressValues.includes(flags.progress))
      throw new UsageError(`invalid value "${flags.progress}" for --progress`);
    if (!['auto', 'true', 'false'].includes(flags.unpack))
      throw new UsageError(`invalid value "${flags.unpack}" for --unpack`);
    const parsed = parseReference(ref);
    const reference = withDefaultTag(parsed);
    const mode = progressMode(cli.stdout, flags.progress, flags.quiet);
    const talks = mode === 'tty' || mode === 'plain';
    if (talks && reference.tag !== parsed.tag) cli.stdout.write('Using default tag: latest\n');
    const reporter = pullReporter(cli.stdout, mode);
    const engine = await cli.engine();
    const wanted = flags.platform.length > 0 ? flags.platform : [cli.env.DOCKER_DEFAULT_PLATFORM || undefined];
    let pulled: PulledImage | undefined;
    try {
      for (const platform of wanted) {
        pulled = await pullImage(engine, ref, {
          platform,
          allPlatforms: flags['all-platforms'],
          unpack: flags.unpack !== 'false',
          dockerConfig: dockerConfigDir(cli),
          onEvent: (event) => reporter.event(event),
        });
      }
    } finally {
      reporter.end();
    }
    if (talks) cli.stdout.write(pullSummary(pulled!, reference));
    if (mode !== 'json') cli.stdout.write(`${pulled!.name}\n`);
    else cli.stdout.write(`${JSON.stringify({ type: 'pulled', ...pulled })}\n`);
  },
});
