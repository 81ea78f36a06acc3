import { type Cli, defineCommand, exactly } from '../../cli/command.ts';
import { buildFlags } from '../builder/build-flags.ts';

export const command = defineCommand({
  use: 'build [OPTIONS] PATH | URL | -',
  short: 'Start a build',
  args: exactly(1),
  complete: '<dirs>',
  flags: buildFlags,
  run: async (cli: Cli, [context = ''], flags) => {
    const { runBuild } = await import('../builder/run-build.ts');
    return runBuild(cli, context, flags);
  },
});
