import { scriptCommand } from './script.ts';

export const command = scriptCommand(
  'zsh',
  `the zsh shell.

If shell completion is not already enabled in your environment you will need to enable it, by this in ~/.zshrc:

	autoload -U compinit; compinit

To load completions in your current shell session:

	source <(nerdctl completion zsh)

To load completions for every new session, execute once:

	nerdctl completion zsh > "\${fpath[1]}/_nerdctl"`,
);
