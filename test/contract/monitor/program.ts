import { existsSync } from 'node:fs';

/** The native program under test. `make test` builds it first. */
export function nativeProgram(): string {
  const path =
    process.env.NERDCTL_MONITOR ?? new URL('../../../build/libexec/nerdctl-monitor', import.meta.url).pathname;
  if (!existsSync(path)) throw new Error(`${path} is missing: build it with "make monitor"`);
  return path;
}
