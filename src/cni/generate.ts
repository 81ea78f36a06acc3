import { invalid } from '../docker/errors.ts';
import { type Cidr, contains, formatCidr, formatIp, overlaps, parseCidr, parseIp } from './cidr.ts';
import { type ConfList, type HostLocalIpam, type IpamRange, networkId, type PluginConf } from './conflist.ts';

/** One pool of `IPAM.Config`, checked by {@link checkPools}. */
export interface Pool {
  subnet: string;
  gateway?: string;
  ipRange?: string;
  /** Name to address: never handed out. */
  auxAddresses?: Record<string, string>;
}

export interface NetworkConf {
  name: string;
  driver: 'bridge' | 'macvlan' | 'ipvlan';
  pools: Pool[];
  internal: boolean;
  labels: Record<string, string>;
  /** Name of the Linux bridge, or the parent interface of macvlan and ipvlan. */
  link?: string;
  /** Mode of macvlan and ipvlan. */
  mode?: string;
  mtu?: number;
  masquerade: boolean;
  /** Containers reach each other (com.docker.network.bridge.enable_icc). */
  icc: boolean;
}

export const auxAddressesLabel = 'nerdctl/network-aux-addresses';

/** The bridge of a network that names none. */
export function defaultBridgeName(name: string): string {
  return `br-${networkId(name).slice(0, 12)}`;
}

/**
 * A conflist in the very form Go nerdctl writes: same keys, in the same order.
 * @throws DockerError `invalid` for a subnet, gateway, range or auxiliary address that cannot be
 */
export function generateConfList(conf: NetworkConf): ConfList {
  const aux = Object.fromEntries(
    conf.pools.flatMap((pool) =>
      pool.auxAddresses && Object.keys(pool.auxAddresses).length > 0 ? [[pool.subnet, pool.auxAddresses]] : [],
    ),
  );
  const labels =
    Object.keys(aux).length > 0 ? { ...conf.labels, [auxAddressesLabel]: JSON.stringify(aux) } : conf.labels;
  return {
    cniVersion: '1.0.0',
    name: conf.name,
    nerdctlID: networkId(conf.name),
    nerdctlLabels: labels,
    plugins: conf.driver === 'bridge' ? bridgeChain(conf) : [linkPlugin(conf)],
  };
}

function bridgeChain(conf: NetworkConf): PluginConf[] {
  const bridge: PluginConf = { type: 'bridge', bridge: conf.link ?? defaultBridgeName(conf.name) };
  if (!conf.internal) bridge.isGateway = true;
  if (!conf.internal && conf.masquerade) bridge.ipMasq = true;
  if (conf.mtu) bridge.mtu = conf.mtu;
  bridge.hairpinMode = true;
  bridge.ipam = ipam(conf);
  bridge.capabilities = { ips: true };
  const firewall: PluginConf = { type: 'firewall', ingressPolicy: conf.icc ? 'same-bridge' : 'isolated' };
  const portmap: PluginConf = { type: 'portmap', capabilities: { portMappings: true } };
  return [bridge, ...(conf.internal ? [] : [portmap]), firewall, { type: 'tuning' }];
}

function linkPlugin(conf: NetworkConf): PluginConf {
  const plugin: PluginConf = { type: conf.driver, master: conf.link ?? '' };
  if (conf.mode) plugin.mode = conf.mode;
  if (conf.mtu) plugin.mtu = conf.mtu;
  plugin.ipam = ipam(conf);
  plugin.capabilities = { ips: true };
  return plugin;
}

/** Keys in alphabetical order: Go nerdctl makes a map of it. */
function ipam(conf: NetworkConf): HostLocalIpam {
  const families = new Set(conf.pools.map((pool) => parseCidr(pool.subnet)?.family));
  const routes = [...(families.has(4) ? [{ dst: '0.0.0.0/0' }] : []), ...(families.has(6) ? [{ dst: '::/0' }] : [])];
  return {
    ranges: conf.pools.map(poolRanges),
    ...(conf.internal ? {} : { routes }),
    type: 'host-local',
  };
}

/** The ranges of one pool: cut where auxiliary addresses lie, so that host-local never hands them out. */
export function poolRanges(pool: Pool): IpamRange[] {
  const subnet = cidr(pool.subnet, `invalid subnet ${pool.subnet} : invalid CIDR block notation`);
  const gateway = pool.gateway ?? formatIp({ family: subnet.family, value: subnet.first + 1n });
  const common = { gateway, ...(pool.ipRange ? { ipRange: pool.ipRange } : {}) };
  const last = subnet.family === 4 ? subnet.last - 1n : subnet.last;
  const range = pool.ipRange ? cidr(pool.ipRange, `invalid CIDR address: ${pool.ipRange}`) : undefined;
  const start = range && range.first > subnet.first ? range.first : subnet.first + 1n;
  const end = range && range.last < last ? range.last : last;
  const aux = Object.values(pool.auxAddresses ?? {});
  // host-local leaves the gateway out by itself.
  if (aux.length === 0 && !range) return [{ gateway, subnet: formatCidr(subnet) }];
  const reserved = (aux.length === 0 ? [] : [...aux, gateway])
    .flatMap((ip) => parseIp(ip)?.value ?? [])
    .filter((value) => start <= value && value <= end)
    .sort((a, b) => (a < b ? -1 : 1));
  const pieces: IpamRange[] = [];
  let from = start;
  for (const value of [...new Set(reserved), end + 1n]) {
    if (from < value) {
      pieces.push({
        ...common,
        rangeEnd: formatIp({ family: subnet.family, value: value - 1n }),
        rangeStart: formatIp({ family: subnet.family, value: from }),
        subnet: formatCidr(subnet),
      });
    }
    from = value + 1n;
  }
  if (pieces.length === 0) throw invalid(`no address is left in ${pool.ipRange ?? pool.subnet}`);
  return pieces;
}

/**
 * The checks of docker on `--subnet --gateway --ip-range --aux-address`, on pools as the API carries them.
 * @throws DockerError `invalid`
 */
export function checkPools(pools: readonly Pool[]): void {
  const blocks: Cidr[] = [];
  for (const pool of pools) {
    const block = cidr(pool.subnet, `invalid subnet ${pool.subnet} : invalid CIDR block notation`);
    if (block.prefix > (block.family === 4 ? 30 : 126)) {
      throw invalid(`invalid subnet ${pool.subnet} : too small for a gateway and a container`);
    }
    if (blocks.some((other) => overlaps(other, block))) {
      throw invalid('multiple overlapping subnet configuration is not supported');
    }
    blocks.push(block);
    const gateway = pool.gateway === undefined ? undefined : parseIp(pool.gateway);
    if (pool.gateway !== undefined && !(gateway && contains(block, gateway))) {
      throw invalid(`no matching subnet for gateway ${pool.gateway}`);
    }
    const range = pool.ipRange === undefined ? undefined : parseCidr(pool.ipRange);
    if (pool.ipRange !== undefined && !(range && contains(block, { family: range.family, value: range.first }))) {
      throw invalid(`no matching subnet for range ${pool.ipRange}`);
    }
    for (const address of Object.values(pool.auxAddresses ?? {})) {
      const ip = parseIp(address);
      if (!ip || !contains(block, ip)) throw invalid(`no matching subnet for aux-address ${address}`);
    }
  }
}

function cidr(text: string, complaint: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed) throw invalid(complaint);
  return parsed;
}
