import { existsSync } from 'node:fs';
import { readCachesOf, removeCache } from '../../cni/cache.ts';
import { removeFromNetwork } from '../../cni/chain.ts';
import { type ConfList, ipamOf } from '../../cni/conflist.ts';
import { readLeases } from '../../cni/lease.ts';
import { netnsPath } from '../container/container-dir.ts';
import { jsonLabel, label } from '../container/labels.ts';
import { afterAbort, type Engine } from '../engine.ts';
import { cniId, pluginGrace, pluginHost, withPluginLock } from './context.ts';
import { failedDetach, recordFailedDetach } from './heal.ts';
import { withdrawHosts } from './hosts.ts';
import { knownNetworks } from './networks.ts';
import { endPortReserver } from './port-reserver.ts';
import { releasePorts } from './ports.ts';

/**
 * Gives back everything a container has on its networks, its network namespace included. Works for a container that was
 * never attached, whose namespace is gone, or that Go nerdctl attached. A plugin's failure does not fail the call: it is
 * recorded, and {@link import('./heal.ts').healNetworks} tries again.
 */
export async function detachNetworks(
  engine: Engine,
  container: { id: string; labels: Record<string, string> },
): Promise<void> {
  const { id } = container;
  const names = jsonLabel<string[]>(container.labels, label.networks) ?? [];
  const netns = netnsPath(id);
  // Only a plugin run needs the lock, and most containers without a network never had one.
  const attached = pendingDetach(engine, id, names, netns).length > 0 || existsSync(netns);
  await Promise.all([
    attached && withPluginLock(engine, () => detachLocked(engine, id, names, netns)),
    withdrawHosts(engine, id),
    releasePorts(engine, id),
    endPortReserver(engine, id),
  ]);
  await engine.host.removeNetns(netns);
}

/** For the holder of the plugin lock. The namespace stays. */
export async function detachLocked(engine: Engine, id: string, names: string[], netns: string): Promise<void> {
  const pending = pendingDetach(engine, id, names, netns);
  const containerId = cniId(engine, id);
  if (engine.rootless) await (await import('./publish.ts')).withdrawPorts(engine.rootless, containerId);
  // Go nerdctl's stop calls the plugins without a namespace, and forgets what they could not find then.
  if (pending.length === 0 && existsSync(netns)) return removeRules(engine, containerId);
  // A plugin that has just failed, or hung, is not asked again before its time.
  if (pending.length === 0 || failedDetach(engine, id)?.waiting) return;
  const signal = afterAbort(engine.signal, pluginGrace);
  let failure: unknown;
  // In reverse order of their making; one failure leaves the others their chance.
  for (const { list, ifName } of pending.reverse()) {
    await removeFromNetwork(pluginHost(engine), list, { containerId, ifName, netns }, signal).catch(
      (error: unknown) => {
        failure ??= error;
      },
    );
  }
  // Without the namespace the bridge plugin does not find the address whose masquerading it should end, and without the
  // cached result the portmap plugin does not know that there were ports.
  if (failure || !existsSync(netns) || pending.some(({ cached }) => !cached)) await removeRules(engine, containerId);
  if (!failure) return;
  if (pending.some(({ list }) => mayHold(list, containerId))) {
    await recordFailedDetach(engine, id, names, failure);
    return;
  }
  // Nothing is left that a plugin could give back: the rules are gone, and the interface goes with its namespace.
  await Promise.all(pending.map(({ list, ifName }) => removeCache(list.name, containerId, ifName)));
}

async function removeRules(engine: Engine, containerId: string): Promise<void> {
  const { removeContainerRules } = await import('../../cni/iptables.ts');
  await removeContainerRules(pluginHost(engine), containerId);
}

/** Whether an address, or what only a plugin of its own knows of, may still be held. */
function mayHold(list: ConfList, containerId: string): boolean {
  if (ipamOf(list)?.type !== 'host-local') return true;
  return readLeases(list).some((lease) => lease.containerId === containerId);
}

interface Pending {
  list: ConfList;
  ifName: string;
  cached: boolean;
}

/** The networks that hold something of the container: by libcni's cache, else by what its networks tell. */
function pendingDetach(engine: Engine, id: string, names: string[], netns: string): Pending[] {
  const containerId = cniId(engine, id);
  const cached = readCachesOf(containerId);
  const known = knownNetworks(engine);
  const fromCache = cached.flatMap(({ networkName, ifName, config }): Pending[] => {
    const list = known.find(({ name }) => name === networkName)?.list ?? config;
    return list ? [{ list, ifName, cached: true }] : [];
  });
  const fromLabels = names.flatMap((name, i): Pending[] => {
    const list = known.find((network) => network.name === name)?.list;
    if (!list || cached.some(({ networkName }) => networkName === name)) return [];
    const held =
      ipamOf(list)?.type === 'host-local'
        ? readLeases(list).some((lease) => lease.containerId === containerId)
        : existsSync(netns);
    return held ? [{ list, ifName: `eth${i}`, cached: false }] : [];
  });
  return [...fromCache, ...fromLabels];
}
