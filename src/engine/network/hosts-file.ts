import type { CniResult } from '../../cni/result.ts';

/** `meta.json` beside a container's hosts file: Go nerdctl's fields and, last, ours. */
export interface HostsMeta {
  ID: string;
  /** Results in the form of CNI 1.0 by network name. */
  Networks: Record<string, CniResult | null>;
  Hostname: string;
  /** Name to address. */
  ExtraHosts: Record<string, string>;
  Name: string;
  Domainname?: string;
  /** Network-scoped aliases by network name. */
  Aliases?: Record<string, string[]>;
  /** ID of the boot in which the addresses were given. */
  Boot?: string;
}

const begin = '# <nerdctl>';
const end = '# </nerdctl>';

const localhost = ['127.0.0.1\tlocalhost localhost.localdomain', '::1\tlocalhost localhost.localdomain'];

/** The names a container has on one network, itself included. The default network has no search domain. */
export function namesOnNetwork(network: string, meta: HostsMeta): string[] {
  const bases = [meta.Hostname, meta.Name].filter((name) => name);
  const userDefined = network !== 'bridge';
  const own = userDefined ? [meta.ID.slice(0, 12), ...(meta.Aliases?.[network] ?? [])] : [];
  const names = [
    ...(meta.Domainname && meta.Hostname ? [`${meta.Hostname}.${meta.Domainname}`] : []),
    ...bases.flatMap((base) => (userDefined ? [base, `${base}.${network}`] : [base])),
    ...own,
  ];
  return [...new Set(names)];
}

/** Whether a change of one container shows in the other's hosts file. */
export function shareNetwork(a: HostsMeta, b: HostsMeta): boolean {
  return Object.keys(a.Networks ?? {}).some((name) => Object.hasOwn(b.Networks ?? {}, name));
}

/** The lines between the markers for one container. */
export function hostsRegion(self: HostsMeta, all: readonly HostsMeta[]): string[] {
  const extra = Object.entries(self.ExtraHosts ?? {}).map(([name, address]) => `${address}\t${name}`);
  // Its own line first: `hostname -f` takes the first that fits.
  const others = all.filter(({ ID }) => ID !== self.ID).sort((a, b) => (a.ID < b.ID ? -1 : 1));
  const peers = [self, ...others].flatMap((meta) =>
    Object.entries(meta.Networks ?? {})
      .filter(([network]) => Object.hasOwn(self.Networks ?? {}, network))
      .flatMap(([network, result]) => {
        const names = namesOnNetwork(network, meta).join(' ');
        return (result?.ips ?? []).flatMap((ip) => (names ? [`${ip.address.split('/')[0]}\t${names}`] : []));
      }),
  );
  return [begin, ...localhost, ...extra, ...peers, end];
}

/** Replaces the region in a hosts file. Lines of the user's outside of it stay, a second localhost does not. */
export function mergeHosts(current: string, region: readonly string[]): string {
  const kept: string[] = [];
  let inside = false;
  for (const line of current.split('\n')) {
    if (line.trim() === begin) inside = true;
    else if (line.trim() === end) inside = false;
    else if (!inside && line.trim() !== '' && !/^\s*(127\.0\.0\.1|::1)\s/.test(line)) kept.push(line);
  }
  return `${[...region, ...kept].join('\n')}\n`;
}

/** `HostConfig.ExtraHosts` as a map; one address for each name, the last one given, as Go nerdctl keeps it. */
export function extraHostsMap(extraHosts: readonly string[], gateway: string): Record<string, string> {
  return Object.fromEntries(
    extraHosts.map((entry) => {
      const colon = entry.indexOf(':');
      const address = entry.slice(colon + 1);
      return [entry.slice(0, colon), address === 'host-gateway' ? gateway : address];
    }),
  );
}
