import { statSync } from 'node:fs';
import type { CniNetwork } from '../../cni/store.ts';

/** Ours beside Go nerdctl's in `nerdctlLabels`: what docker shows of a network and CNI cannot express. */
export const networkRecordLabel = 'nerdctl/network-record';

export interface NetworkRecord {
  Created: string;
  Options: Record<string, string>;
  Attachable: boolean;
  /** The user's own bridge: it is not removed with the network. */
  KeepLink?: boolean;
}

export function networkRecord(network: CniNetwork): Partial<NetworkRecord> {
  try {
    return JSON.parse(network.labels[networkRecordLabel] ?? '{}') as Partial<NetworkRecord>;
  } catch {
    return {};
  }
}

/** Labels as the user gave them. */
export function networkUserLabels(network: CniNetwork): Record<string, string> {
  return Object.fromEntries(Object.entries(network.labels).filter(([key]) => !key.startsWith('nerdctl/')));
}

/** RFC 3339; Go nerdctl does not write it down, but its files do not change after. */
export function createdAt(network: CniNetwork): string {
  const { Created } = networkRecord(network);
  if (Created) return Created;
  try {
    return statSync(network.file).mtime.toISOString();
  } catch {
    return '0001-01-01T00:00:00Z';
  }
}
