import { scriptCommand } from './script.ts';

export const command = scriptCommand(
  'fish',
  `the fish shell.

To load completions in your current shell session:

	nerdctl completion fish | source

To load completions for every new session, execute once:

	nerdctl completion fish > ~/.config/fish/completions/nerdctl.fish`,
);
