import { readFileSync } from 'node:fs';
import { removeBridgeRules } from './iptables.ts';
import { type NetworkSide, runInNetwork, withSbin } from './network-side.ts';

/** Removes the bridge of a network that is going away, with what the plugins keep for it. A missing one is no error. */
export async function removeBridge(side: NetworkSide, name: string): Promise<void> {
  await removeBridgeRules(side, name);
  if (!(await linkExists(side, name))) return;
  await runInNetwork(side, 'ip', ['link', 'delete', 'dev', name], { env: { PATH: withSbin(process.env.PATH) } });
}

/** In the bridges' network namespace, which /sys need not show. */
export async function linkExists(side: NetworkSide, name: string): Promise<boolean> {
  const text = await links(side).catch(() => '');
  return text.split('\n').some((line) => line.trim().startsWith(`${name}:`));
}

async function links(side: NetworkSide): Promise<string> {
  if (!side.inNetwork) return readFileSync('/proc/net/dev', 'utf8');
  return (await runInNetwork(side, 'cat', ['/proc/net/dev'], { env: process.env })).stdout.toString();
}
