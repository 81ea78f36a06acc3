import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The native program: `../libexec/nerdctl-monitor` as seen from the main bundle, unless NERDCTL_MONITOR names it. */
export function monitorPath(env: NodeJS.ProcessEnv = process.env): string {
  if (env.NERDCTL_MONITOR) return env.NERDCTL_MONITOR;
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

/** Where our own code may lie: the bundle's directory, the started script's, the executable's (single executable). */
function programDirs(): string[] {
  const dirs = typeof __dirname === 'string' ? [__dirname] : [];
  for (const file of [process.argv[1], process.execPath]) {
    if (file && existsSync(file)) dirs.push(dirname(realpathSync(file)));
  }
  return dirs;
}

/** argv that starts this program again, whatever it was started through. */
export function selfCommand(): string[] {
  const script = process.argv[1];
  // a single executable carries its script inside
  return script && existsSync(script) ? [process.execPath, '--', realpathSync(script)] : [process.execPath];
}
