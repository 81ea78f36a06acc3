import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = fileURLToPath(new URL('../../bin/nerdctl', import.meta.url));
const executable = fileURLToPath(new URL('../../dist/nerdctl', import.meta.url));

/** The single executable, where it is made of what `make` has made. */
export function findExecutable(): { path: string; missing?: undefined } | { path?: undefined; missing: string } {
  const time = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const made = time(executable);
  if (made === undefined) return { missing: 'the single executable, dist/nerdctl (make dist)' };
  if (made < (time(built) ?? 0)) return { missing: 'a single executable of the present build (make dist)' };
  return { path: executable };
}
