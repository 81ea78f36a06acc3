import { scriptCommand } from './script.ts';

export const command = scriptCommand(
  'bash',
  `the bash shell.

To load completions in your current shell session:

	source <(nerdctl completion bash)

To load completions for every new session, execute once:

	nerdctl completion bash > /etc/bash_completion.d/nerdctl

or, without the bash-completion package, put the first line into ~/.bashrc.`,
);
