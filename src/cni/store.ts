import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, removeFile, writeFileAtomic } from '../host/files.ts';
import { type ConfList, formatConfList, networkId, parseConfList } from './conflist.ts';

export const defaultNetworkName = 'bridge';
export const defaultNetworkLabel = 'nerdctl/default-network';

/** A network as a file describes it. */
export interface CniNetwork {
  name: string;
  /** 64 hex digits; of the name where the file has none. */
  id: string;
  labels: Record<string, string>;
  /** Whether nerdctl made it: only such networks can be removed. */
  owned: boolean;
  file: string;
  /** The containerd namespace whose directory holds the file; empty for the common directory. */
  namespace: string;
  list: ConfList;
}

/** Where `network create` puts a network: the default one is common to all namespaces. */
export function networkFile(netconfPath: string, namespace: string, name: string): string {
  const dir = name === defaultNetworkName || namespace === '' ? netconfPath : join(netconfPath, namespace);
  return join(dir, `nerdctl-${name}.conflist`);
}

/**
 * The networks of the common directory and of one namespace, in file order.
 * Files that do not parse are someone else's work in progress and are left out.
 */
export function readNetworks(netconfPath: string, namespace: string): CniNetwork[] {
  const common = readDir(netconfPath, '');
  const own = namespace === '' ? [] : readDir(join(netconfPath, namespace), namespace);
  // libcni takes the first of two configurations with one name; our own directory is the closer one.
  const names = new Set(own.map((network) => network.name));
  return [...common.filter((network) => !names.has(network.name)), ...own];
}

/** The networks of every namespace: what subnets and bridges must not collide with. */
export function readAllNetworks(netconfPath: string): CniNetwork[] {
  const namespaces = entries(netconfPath).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  return [...readDir(netconfPath, ''), ...namespaces.flatMap(({ name }) => readDir(join(netconfPath, name), name))];
}

function readDir(dir: string, namespace: string): CniNetwork[] {
  return entries(dir)
    .filter((entry) => !entry.isDirectory() && /\.(conflist|conf|json)$/.test(entry.name))
    .map((entry) => join(dir, entry.name))
    .sort()
    .flatMap((file) => readNetwork(file, namespace));
}

function entries(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readNetwork(file: string, namespace: string): CniNetwork[] {
  try {
    return [toNetwork(parseConfList(readFileSync(file, 'utf8'), file), file, namespace)];
  } catch {
    return [];
  }
}

export function toNetwork(list: ConfList, file: string, namespace: string): CniNetwork {
  return {
    name: list.name,
    id: list.nerdctlID ?? networkId(list.name),
    labels: list.nerdctlLabels ?? {},
    owned: list.nerdctlID !== undefined,
    file,
    namespace,
    list,
  };
}

/** The caller holds the directory's lock. */
export async function writeNetwork(netconfPath: string, namespace: string, list: ConfList): Promise<CniNetwork> {
  const file = networkFile(netconfPath, namespace, list.name);
  const common = file === join(netconfPath, `nerdctl-${list.name}.conflist`);
  await ensureDir(common ? netconfPath : join(netconfPath, namespace), 0o755);
  await writeFileAtomic(file, formatConfList(list), 0o644);
  return toNetwork(list, file, common ? '' : namespace);
}

export async function removeNetworkFile(network: CniNetwork): Promise<void> {
  await removeFile(network.file);
}

/** Exclusive for creating and removing networks. */
export const storeLock = (netconfPath: string): string => join(netconfPath, '.nerdctl.lock');
/** Exclusive for every run of plugins on the machine: they race with each other on iptables chains. */
export const pluginLock = (netconfPath: string): string => join(netconfPath, '.cni-concurrency.lock');
