import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listPorts } from '../../src/rootless/ports.ts';
import type { TestUser } from './user.ts';

/** Where the files, networks and mounts of an engine are seen from a test. */
export interface EngineSide {
  /** Goes before a path of the engine's. */
  root: string;
  dataRoot: string;
  mountinfo: string;
  /** A program and its arguments, where the engine sees its files and mounts. */
  inside(program: string, args: string[]): [string, string[]];
  /** The same in the network of the bridges. */
  inNetwork(program: string, args: string[]): [string, string[]];
  /** The ports that RootlessKit forwards. */
  ports(): Promise<string[]>;
}

const monitor = fileURLToPath(new URL('../../build/libexec/nerdctl-monitor', import.meta.url));

export function engineSide(user?: TestUser): EngineSide {
  if (!user) {
    return {
      root: '',
      dataRoot: '/var/lib/nerdctl',
      mountinfo: '/proc/self/mountinfo',
      inside: (program, args) => [program, args],
      inNetwork: (program, args) => [program, args],
      ports: async () => [],
    };
  }
  const { stateDir } = user;
  const pid = readFileSync(join(stateDir, 'child_pid'), 'utf8').trim();
  return {
    root: `/proc/${pid}/root`,
    dataRoot: join(user.home, '.local/share/nerdctl'),
    mountinfo: `/proc/${pid}/mountinfo`,
    inside: (program, args) => [monitor, ['enter', program, ...args]],
    inNetwork: (program, args) => [monitor, ['enter', monitor, 'in-network', netnsOf(stateDir, pid), program, ...args]],
    ports: async () => (await listPorts(join(stateDir, 'api.sock'))).map(({ spec }) => JSON.stringify(spec)),
  };
}

function netnsOf(stateDir: string, pid: string): string {
  const own = join(stateDir, 'netns');
  return existsSync(own) ? own : `/proc/${pid}/ns/net`;
}
