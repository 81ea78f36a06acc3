import { defineCommand, noArgs } from '../../cli/command.ts';
import { version } from '../../cli/version.ts';

/** The buildx whose flags and words are followed: tools compare it with the least that they want. */
const buildx = 'v0.29.1';

export const command = defineCommand({
  use: 'version',
  short: 'Show buildx version information',
  args: noArgs,
  flags: {},
  run: async (cli) => {
    cli.stdout.write(`github.com/docker/buildx ${buildx} nerdctl-${version}\n`);
  },
});
