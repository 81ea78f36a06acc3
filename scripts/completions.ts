import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Shell } from '../src/commands/completion/script.ts';

/** The files of completions/ that a build puts in, as NERDCTL_COMPLETIONS. */
const files: Readonly<Record<Shell, string>> = {
  bash: 'nerdctl.bash',
  fish: 'nerdctl.fish',
  powershell: 'nerdctl.ps1',
  zsh: '_nerdctl',
};

export function completionScripts(): Record<string, string> {
  const read = (file: string) => readFileSync(resolve(import.meta.dirname, '../completions', file), 'utf8');
  return Object.fromEntries(Object.entries(files).map(([shell, file]) => [shell, read(file)]));
}
