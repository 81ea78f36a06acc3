import { existsSync } from 'node:fs';
import { join } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** The sockets at which a BuildKit that nobody named may listen: Go nerdctl's, in its order. */
export function daemonSockets(namespace: string, env: Env): string[] {
  const own = namespace === 'default' ? [] : [`buildkit-${namespace}`];
  return [...own, 'buildkit-default', 'buildkit'].map((dir) => join(runtimeDir(env), dir, 'buildkitd.sock'));
}

function runtimeDir(env: Env): string {
  const rootless = process.geteuid?.() !== 0 || Boolean(env.ROOTLESSKIT_STATE_DIR);
  return (rootless && env.XDG_RUNTIME_DIR) || '/run';
}

/** Whether it is worth asking for one. */
export function mayHaveDaemon(namespace: string, env: Env): boolean {
  return Boolean(env.BUILDKIT_HOST) || daemonSockets(namespace, env).some((path) => existsSync(path));
}
