import { defineCommand, noArgs } from '../../cli/command.ts';

export type Shell = 'bash' | 'fish' | 'powershell' | 'zsh';

declare const NERDCTL_COMPLETIONS: Readonly<Record<Shell, string>> | undefined;

/** `completion SHELL`: prints the file of completions/ that the build has put in. */
export function scriptCommand(shell: Shell, long: string) {
  return defineCommand({
    use: shell,
    short: `Generate the autocompletion script for ${shell}`,
    long: `Generate the autocompletion script for ${long}`,
    args: noArgs,
    flags: {
      'no-descriptions': { type: 'bool', help: 'disable completion descriptions' },
    },
    run: async (cli, _args, flags) => {
      if (typeof NERDCTL_COMPLETIONS === 'undefined') throw new Error('the scripts are put in by the build: make');
      const script = NERDCTL_COMPLETIONS[shell];
      cli.stdout.write(flags['no-descriptions'] ? script.replaceAll('__complete ', '__completeNoDesc ') : script);
    },
  });
}
