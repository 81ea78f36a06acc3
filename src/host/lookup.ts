import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { runProcess } from './process.ts';
import { monitorCommand } from './program.ts';

/**
 * How names become addresses where this process is in another network than its /etc/resolv.conf is for: in the namespaces
 * of RootlessKit 1, whose server answers only there. `nerdctl-monitor enter` names that network in NERDCTL_RESOLVE_IN.
 * Undefined: as usual.
 */
export function nameLookup(env: NodeJS.ProcessEnv): LookupFunction | undefined {
  const netns = env.NERDCTL_RESOLVE_IN;
  if (!netns) return undefined;
  return (name, options, callback) => {
    addressesOf(name, netns).then(
      (all) => {
        const found = all.filter(({ family }) => !options.family || family === familyNumber(options));
        if (found.length === 0) return callback(notFound(name), '', 0);
        if (options.all) callback(null, found);
        else callback(null, found[0]!.address, found[0]!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

async function addressesOf(name: string, netns: string): Promise<LookupAddress[]> {
  // getaddrinfo(3) itself, in a process that is there.
  const [monitor, ...words] = monitorCommand();
  const args = [...words, 'in-network', netns, 'getent', 'ahosts', name];
  const { stdout } = await runProcess(monitor, args, { env: process.env, timeout: 30_000 });
  const addresses = stdout
    .toString()
    .split('\n')
    .map((line) => line.split(/\s/)[0] ?? '');
  return [...new Set(addresses)].filter((text) => isIP(text)).map((address) => ({ address, family: isIP(address) }));
}

function familyNumber({ family }: LookupOptions): number {
  return family === 'IPv6' || family === 6 ? 6 : 4;
}

function notFound(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name });
}
