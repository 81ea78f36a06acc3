import { createHash } from 'node:crypto';
import { DockerError } from '../docker/errors.ts';
import { isObject } from '../docker/values/json-types.ts';

/** One plugin of a chain: `type` and what the plugin itself defines. */
export interface PluginConf {
  type: string;
  capabilities?: Record<string, boolean>;
  [key: string]: unknown;
}

/** A network configuration list of the CNI specification, with the two keys Go nerdctl adds. */
export interface ConfList {
  cniVersion: string;
  name: string;
  /** SHA-256 of the name in hex; absent in foreign files. */
  nerdctlID?: string;
  nerdctlLabels?: Record<string, string>;
  plugins: PluginConf[];
}

export interface IpamRange {
  subnet: string;
  rangeStart?: string;
  rangeEnd?: string;
  gateway?: string;
  ipRange?: string;
}

export interface HostLocalIpam {
  type: string;
  routes?: { dst: string; gw?: string }[];
  /** One address is taken from each inner list. */
  ranges?: IpamRange[][];
  dataDir?: string;
  [key: string]: unknown;
}

export function networkId(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** The names that the CNI specification allows, which are also safe as file names. */
export function isNetworkName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name);
}

/**
 * A `.conflist`, or a `.conf` of a single plugin, which becomes a list of one.
 * @throws DockerError `invalid`, naming the file
 */
export function parseConfList(text: string, file: string): ConfList {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DockerError('invalid', `the network configuration ${file} is not valid JSON`, { cause });
  }
  if (!isObject(value) || typeof value.name !== 'string' || value.name === '') {
    throw new DockerError('invalid', `the network configuration ${file} has no name`);
  }
  const cniVersion = typeof value.cniVersion === 'string' && value.cniVersion ? value.cniVersion : '0.2.0';
  const plugins = Array.isArray(value.plugins) ? value.plugins : [value];
  if (plugins.length === 0 || !plugins.every(isPluginConf)) {
    throw new DockerError('invalid', `the network configuration ${file} has a plugin without a type`);
  }
  return Array.isArray(value.plugins)
    ? { ...(value as unknown as ConfList), cniVersion, plugins }
    : { cniVersion, name: value.name, plugins };
}

function isPluginConf(value: unknown): value is PluginConf {
  // The type becomes a file name in the plugin directories.
  return isObject(value) && typeof value.type === 'string' && /^[\w.-]+$/.test(value.type);
}

/** The file's text, laid out as Go nerdctl writes it. */
export function formatConfList(list: ConfList): string {
  return JSON.stringify(list, null, 2);
}

export function ipamOf(list: ConfList): HostLocalIpam | undefined {
  const ipam = list.plugins[0]?.ipam;
  return isObject(ipam) && typeof ipam.type === 'string' ? (ipam as HostLocalIpam) : undefined;
}

export function rangesOf(list: ConfList): IpamRange[] {
  const ipam = ipamOf(list);
  const ranges = Array.isArray(ipam?.ranges) ? ipam.ranges.flat() : [];
  // host-local also takes one range in the ipam object itself.
  const single = typeof ipam?.subnet === 'string' ? [ipam as unknown as IpamRange] : [];
  return [...ranges, ...single].filter((range) => typeof range?.subnet === 'string');
}

/** The Linux bridge of a bridge network. */
export function bridgeName(list: ConfList): string | undefined {
  const [first] = list.plugins;
  if (first?.type !== 'bridge') return undefined;
  return typeof first.bridge === 'string' ? first.bridge : 'cni0';
}
