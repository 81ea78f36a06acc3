import { readFileSync } from 'node:fs';
import { findExecutable, pathDirs } from '../host/executables.ts';
import { writeInPlace } from '../host/files.ts';
import type { ConfList, PluginConf } from './conflist.ts';
import { changeAttachmentRules } from './iptables.ts';
import { type NetworkSide, runInNetwork, withSbin } from './network-side.ts';
import type { CniCommand } from './plugin.ts';
import { attachmentOf, type CniResult } from './result.ts';
import type { CniPort, RulesOf } from './rules.ts';

/** What of an attachment its rules follow from. */
export interface Ruled {
  containerId: string;
  ifName: string;
  capabilityArgs: Record<string, unknown>;
}

/**
 * Whether we write the rules of the plugins bridge, portmap and firewall ourselves, the same ones: in one change of
 * iptables where they start some fifty processes. Only on bridges that we made, with what we understand all of.
 */
export function canWriteRules(list: ConfList, path = withSbin(process.env.PATH)): boolean {
  const [bridge, ...others] = list.plugins;
  if (list.nerdctlID === undefined || bridge?.type !== 'bridge' || bridge.ipMasqBackend !== undefined) return false;
  if (!others.every(isUnderstood)) return false;
  const dirs = pathDirs(path);
  const has = (program: string) => findExecutable(program, dirs) !== undefined;
  // The firewall plugin prefers a firewalld that runs.
  return ['iptables', 'ip6tables'].every((name) => has(`${name}-save`) && has(`${name}-restore`)) && !has('firewalld');
}

const policies: readonly unknown[] = ['open', 'same-bridge', 'isolated'];

function isUnderstood(plugin: PluginConf): boolean {
  const { type, capabilities: _, ...rest } = plugin;
  if (type === 'portmap') return Object.keys(rest).length === 0;
  if (type === 'firewall') return Object.keys(rest).length === 1 && policies.includes(rest.ingressPolicy);
  return type === 'tuning';
}

/** What is left of a plugin at ADD or DEL when we write its rules; undefined where nothing is. */
export function withoutRules(plugin: PluginConf, command: CniCommand, ruled: Ruled): PluginConf | undefined {
  if (plugin.type === 'firewall') return undefined;
  if (plugin.type === 'portmap') return command === 'ADD' && hasUdp(ruled) ? plugin : undefined;
  if (plugin.type !== 'bridge') return plugin;
  const { ipMasq: _, ...rest } = plugin;
  return rest;
}

/** @throws DockerError `system` with what iptables or the kernel says */
export async function addRules(side: NetworkSide, list: ConfList, ruled: Ruled, result: CniResult): Promise<void> {
  const rules = rulesOf(list, ruled, result);
  const hasIpv4Ports = rules.ports.length > 0 && rules.addresses.some(({ family }) => family === 4);
  await Promise.all([changeAttachmentRules(side, rules, 'add'), hasIpv4Ports && routeLoopback(side, rules.bridge)]);
}

/** Works without the result too. @throws DockerError `system` with what iptables says */
export async function removeRules(
  side: NetworkSide,
  list: ConfList,
  ruled: Ruled,
  result: CniResult | undefined,
): Promise<void> {
  await changeAttachmentRules(side, rulesOf(list, ruled, result), 'remove');
}

const portsOf = ({ capabilityArgs: { portMappings } }: Ruled): CniPort[] =>
  Array.isArray(portMappings) ? (portMappings as CniPort[]) : [];

/** Of UDP, portmap also ends what the kernel knows of former connections to the port. */
const hasUdp = (ruled: Ruled): boolean => portsOf(ruled).some(({ protocol }) => protocol === 'udp');

function rulesOf({ name, plugins }: ConfList, ruled: Ruled, result: CniResult | undefined): RulesOf {
  const plugin = (type: string) => plugins.find((candidate) => candidate.type === type);
  const policy = plugin('firewall')?.ingressPolicy;
  return {
    network: name,
    containerId: ruled.containerId,
    bridge: String(plugin('bridge')?.bridge ?? 'cni0'),
    addresses: result ? attachmentOf(result, ruled.ifName).addresses : [],
    masquerade: plugin('bridge')?.ipMasq === true,
    ports: plugin('portmap') && !hasUdp(ruled) ? portsOf(ruled) : [],
    ...(typeof policy === 'string' && { policy }),
  };
}

/** Connections from 127.0.0.1 to a published port leave by the bridge, which the kernel calls martian otherwise. */
async function routeLoopback(side: NetworkSide, bridge: string): Promise<void> {
  const file = `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`;
  if (side.inNetwork) {
    const env = { PATH: withSbin(process.env.PATH) };
    await runInNetwork(side, 'sh', ['-c', 'echo 1 >"$0"', file], { env });
  } else if (readFileSync(file, 'utf8').trim() !== '1') {
    await writeInPlace(file, '1');
  }
}
