import { join } from 'node:path';
import { type Cli, StatusError } from '../../cli/command.ts';
import { runAttached } from '../../host/attached.ts';
import { unpackCarried } from '../../host/carried-files.ts';
import { ownScript, selfCommand } from '../../host/program.ts';

/**
 * The engine of an ordinary user is started and stopped by a script of its own; undefined for root.
 * @param refused the flag that was given and means nothing there
 */
export async function byRootlessScript(
  cli: Cli,
  words: string[],
  refused?: string | false,
): Promise<number | undefined> {
  if (process.geteuid?.() === 0 && !cli.env.ROOTLESSKIT_STATE_DIR) return undefined;
  const name = 'containerd-rootless-setuptool.sh';
  if (refused) throw new StatusError(1, `${refused} is for the engine of root: run ${name} ${words[0]} --help`);
  const { dataRoot } = cli.settings;
  const carried = ownScript(name)
    ? undefined
    : await unpackCarried(join(dataRoot, 'libexec'), selfCommand(dataRoot)[0]);
  const script = ownScript(name) ?? carried?.find((path) => path.endsWith(`/${name}`));
  if (script === undefined) {
    throw new StatusError(
      1,
      `${name} is not there, which starts and stops the engine of a user: install it beside nerdctl`,
    );
  }
  return runAttached(script, words);
}
