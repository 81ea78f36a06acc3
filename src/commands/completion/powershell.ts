import { scriptCommand } from './script.ts';

export const command = scriptCommand(
  'powershell',
  `powershell.

To load completions in your current shell session:

	nerdctl completion powershell | Out-String | Invoke-Expression

To load completions for every new session, add the output of the above command
to your powershell profile.`,
);
