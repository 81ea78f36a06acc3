import { existsSync } from 'node:fs';
import { DockerError } from '../docker/errors.ts';
import { type CachedAttachment, readCache, removeCache, writeCache } from './cache.ts';
import type { ConfList, PluginConf } from './conflist.ts';
import { readLeases, removeLeases, resultFromLeases } from './lease.ts';
import type { removeRules } from './own-rules.ts';
import { type CniCommand, findPlugin, type PluginHost, runPlugin } from './plugin.ts';
import { type CniResult, normaliseResult } from './result.ts';

/** One container on one network. */
export interface Attachment {
  /** `CNI_CONTAINERID`: `<namespace>-<container ID>`. */
  containerId: string;
  netns: string;
  ifName: string;
  args: [string, string][];
  /** Given as `runtimeConfig` to the plugins that declare the capability. */
  capabilityArgs: Record<string, unknown>;
}

/** Plugins whose DEL undoes nothing but their own work: they need not wait for each other. */
const selfContained = new Set(['bridge', 'firewall', 'portmap', 'tuning']);

/** CNI_ARGS of every call: plugins ignore keys they do not know. */
export const commonArgs: readonly [string, string][] = [['IgnoreUnknown', '1']];

/**
 * ADD through the chain; the result is cached for DEL. After a failure, which may be an abort, the caller calls
 * {@link removeFromNetwork}: it knows where failures of that are recorded.
 */
export async function addToNetwork(
  host: PluginHost,
  list: ConfList,
  attachment: Attachment,
  signal?: AbortSignal,
): Promise<CniResult> {
  const { netns: _, args, ...cached } = attachment;
  const { addRules, canWriteRules } = await import('./own-rules.ts');
  const ownRules = canWriteRules(list);
  const plugins = await pluginsFor('ADD', list, attachment, ownRules);
  // A chain that cannot be completed is not begun: then nothing is to be undone.
  for (const { type } of plugins) findPlugin(type, host.path);
  // Before the first plugin runs: a killed ADD must be found by DEL.
  const entry: CachedAttachment = { ...cached, cniArgs: args, networkName: list.name, config: list, ownRules };
  await writeCache(entry, host.cacheDir);
  let result: CniResult | undefined;
  for (const plugin of plugins) {
    result = await call('ADD', host, list, plugin, attachment, result, signal);
    if (ownRules && result && plugin.type === 'bridge') await addRules(host, list, attachment, result);
  }
  if (!result) throw new DockerError('system', `the plugins of network ${list.name} gave no result`);
  await writeCache({ ...entry, result }, host.cacheDir);
  return result;
}

/**
 * DEL through the chain in reverse, with what the cache knows. Works without the namespace, without the cached result
 * and when nothing was ever added. All plugins are called, whichever fails.
 * @throws DockerError the first failure
 */
export async function removeFromNetwork(
  host: PluginHost,
  list: ConfList,
  { containerId, ifName, netns }: Pick<Attachment, 'containerId' | 'ifName' | 'netns'>,
  signal?: AbortSignal,
): Promise<void> {
  const cached = readCache(list.name, containerId, ifName, host.cacheDir);
  // What was set up decides what is torn down, not what the file says today.
  const conf = cached?.config?.name === list.name ? cached.config : list;
  const leases = readLeases(conf).filter((l) => l.containerId === containerId && (!l.ifName || l.ifName === ifName));
  const livingNetns = netns && existsSync(netns) ? netns : '';
  const attachment: Attachment = {
    containerId,
    ifName,
    netns: livingNetns,
    args: cached?.cniArgs ?? [...commonArgs],
    capabilityArgs: cached?.capabilityArgs ?? {},
  };
  const previous = cached?.result ?? resultFromLeases(conf, leases, ifName, netns);
  let failure: unknown;
  const note = (error: unknown) => {
    failure ??= error;
  };
  const undo = (plugin: PluginConf) => call('DEL', host, conf, plugin, attachment, previous, signal).catch(note);
  const ownRules = cached?.ownRules ?? false;
  // Without a cache nobody knows what was set up, or by whom.
  const plugins = [...(cached ? await pluginsFor('DEL', conf, attachment, ownRules) : conf.plugins)].reverse();
  const rules = ownRules ? removeOwnRules(host, conf, attachment, previous).catch(note) : undefined;
  if (plugins.every(({ type }) => selfContained.has(type))) await Promise.all(plugins.map(undo));
  else for (const plugin of plugins) await undo(plugin);
  await rules;
  if (failure) throw failure;
  await removeLeases(leases);
  await removeCache(list.name, containerId, ifName, host.cacheDir);
}

async function call(
  command: CniCommand,
  host: PluginHost,
  list: ConfList,
  plugin: PluginConf,
  attachment: Attachment,
  previous: CniResult | undefined,
  signal?: AbortSignal,
): Promise<CniResult | undefined> {
  const { containerId, netns, ifName, args, capabilityArgs } = attachment;
  const runtimeConfig = Object.fromEntries(
    Object.entries(capabilityArgs).filter(([name]) => plugin.capabilities?.[name] === true),
  );
  const { capabilities: _, ...conf } = plugin;
  const input = {
    ...conf,
    name: list.name,
    cniVersion: list.cniVersion,
    ...(Object.keys(runtimeConfig).length > 0 ? { runtimeConfig } : {}),
    ...(previous && takesPrevious(command, list.cniVersion) ? { prevResult: previous } : {}),
  };
  const output = await runPlugin(host, input, { command, containerId, netns, ifName, args }, signal);
  if (command !== 'ADD') return undefined;
  const result = normaliseResult(output);
  if (!result) throw new DockerError('system', `CNI plugin "${plugin.type}" answered to ADD with no result`);
  return result;
}

/** DEL has been given the result since 0.4. */
function takesPrevious(command: CniCommand, version: string): boolean {
  return command === 'ADD' || !/^0\.[0-3]\./.test(version);
}

async function removeOwnRules(...args: Parameters<typeof removeRules>): Promise<void> {
  const { removeRules } = await import('./own-rules.ts');
  await removeRules(...args);
}

/** Those of a chain that have something to do for this container. */
async function pluginsFor(
  command: CniCommand,
  list: ConfList,
  attachment: Attachment,
  ownRules: boolean,
): Promise<PluginConf[]> {
  const plugins = list.plugins.filter((plugin) => !isIdle(plugin, attachment.args, attachment.capabilityArgs));
  if (!ownRules) return plugins;
  const { withoutRules } = await import('./own-rules.ts');
  return plugins.flatMap((plugin) => withoutRules(plugin, command, attachment) ?? []);
}

/** Plugins that have nothing to do for this container: each process saved is 5 to 70 ms. */
function isIdle(
  plugin: PluginConf,
  args: readonly (readonly [string, string])[],
  capabilityArgs: Record<string, unknown>,
): boolean {
  if (plugin.type === 'portmap') {
    const mappings = capabilityArgs.portMappings;
    return !Array.isArray(mappings) || mappings.length === 0;
  }
  if (plugin.type === 'tuning') {
    return Object.keys(plugin).every((key) => key === 'type') && !args.some(([key]) => key === 'MAC');
  }
  return false;
}
