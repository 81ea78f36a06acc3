import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keepMonitor, keepProgram, single } from './single-executable.ts';

/** The native program for ourselves, to be followed by its own arguments. */
export function monitorCommand(env: NodeJS.ProcessEnv = process.env): [path: string, ...args: string[]] {
  if (env.NERDCTL_MONITOR) return [env.NERDCTL_MONITOR];
  return single ? [process.execPath, '_NERDCTL_INTERNAL_MONITOR'] : [builtMonitor()];
}

/**
 * The monitor for containerd's shim to start, possibly outside of our mount namespace and after we are gone:
 * `../libexec/nerdctl-monitor` as seen from the main bundle, or the single executable's copy below `dataRoot`, unless
 * NERDCTL_MONITOR names it.
 * @throws Error when the copy cannot be made or executed
 */
export function monitorPath(dataRoot: string, env: NodeJS.ProcessEnv = process.env): string {
  return env.NERDCTL_MONITOR || (single ? keepMonitor(dataRoot) : builtMonitor());
}

function builtMonitor(): string {
  const candidates = programDirs().map((dir) => join(dir, '..', 'libexec', 'nerdctl-monitor'));
  return candidates.find((path) => existsSync(path)) ?? candidates[0] ?? 'nerdctl-monitor';
}

/** A script of ours, as it lies in the source tree (`rootless/`), in an installation (`bin/`), or beside the program. */
export function ownScript(name: string): string | undefined {
  const below = ['../../rootless', '../../../bin', '../rootless', '.'];
  return programDirs()
    .flatMap((dir) => below.map((way) => join(dir, way, name)))
    .find((path) => existsSync(path));
}

/** Where our own code may lie: the bundle's directory, the started script's; what the executable holds has no place. */
function programDirs(): string[] {
  if (single) return [dirname(process.execPath)];
  const dirs = typeof __dirname === 'string' ? [__dirname] : [];
  const script = process.argv[1];
  if (script && existsSync(script)) dirs.push(dirname(realpathSync(script)));
  return dirs;
}

/** argv that starts this program again, for a monitor that may be outside of our mount namespace. */
export function selfCommand(dataRoot: string): string[] {
  return single ? [keepProgram(dataRoot)] : ownCommand();
}

/** The same, for ourselves. */
export function ownCommand(): string[] {
  if (single) return [process.execPath];
  const script = process.argv[1];
  return script && existsSync(script) ? [process.execPath, '--', realpathSync(script)] : [process.execPath];
}
