import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorCommand } from '../host/program.ts';

/** What is different inside the namespaces of a user's RootlessKit: found out in one place, and handed down. */
export interface Rootless {
  /** The process whose namespaces are the engine's. */
  childPid: number;
  /** The user outside of the namespaces. */
  uid: number;
  gid: number;
  /** Path of RootlessKit's HTTP API. */
  apiSocket: string;
  /**
   * The network namespace of the bridges, and of --net=host. The command line itself is in the machine's network: there
   * are the registries and the ports.
   */
  netns: string;
  /** containerd is not in it (`rootlesskit --detach-netns`). */
  detached: boolean;
  /** Starts a program in that network namespace. */
  inNetwork: readonly string[];
  /** With servers that containers reach. */
  resolvConf: string;
}

/** Undefined for root. `nerdctl-monitor enter`, like RootlessKit for what it starts, names the directory. */
export function rootlessFacts(env: NodeJS.ProcessEnv = process.env): Rootless | undefined {
  const dir = env.ROOTLESSKIT_STATE_DIR;
  if (!dir || process.geteuid?.() !== 0) return undefined;
  const own = join(dir, 'netns');
  const detached = existsSync(own);
  const childPid = Number(readFileSync(join(dir, 'child_pid'), 'utf8'));
  const netns = detached ? own : `/proc/${childPid}/ns/net`;
  return {
    childPid,
    uid: Number(env.ROOTLESSKIT_PARENT_EUID),
    gid: Number(env.ROOTLESSKIT_PARENT_EGID),
    apiSocket: join(dir, 'api.sock'),
    netns,
    detached,
    inNetwork: [...monitorCommand(), 'in-network', netns],
    resolvConf: detached ? join(dir, 'resolv.conf') : '/etc/resolv.conf',
  };
}

/** What a command needs that the monitor starts inside: its environment is containerd's shim's, which is nearly empty. */
export function rootlessEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const known = Object.entries(env).filter(([key]) => /^(HOME|USER|PATH|XDG_\w+|ROOTLESSKIT_\w+)$/.test(key));
  return Object.fromEntries(known.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
