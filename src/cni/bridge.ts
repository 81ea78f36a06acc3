import { readFileSync } from 'node:fs';
import { runProcess } from '../host/process.ts';
import { removeBridgeRules } from './iptables.ts';
import { withSbin } from './plugin.ts';

/** Removes the bridge of a network that is going away, with what the plugins keep for it. A missing one is no error. */
export async function removeBridge(name: string): Promise<void> {
  await removeBridgeRules(name);
  if (!linkExists(name)) return;
  await runProcess('ip', ['link', 'delete', 'dev', name], { env: { PATH: withSbin(process.env.PATH) } });
}

/** In this process's network namespace, which /sys need not show. */
export function linkExists(name: string): boolean {
  try {
    return readFileSync('/proc/net/dev', 'utf8')
      .split('\n')
      .some((line) => line.trim().startsWith(`${name}:`));
  } catch {
    return false;
  }
}
