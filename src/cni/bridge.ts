import { existsSync } from 'node:fs';
import { runProcess } from '../host/process.ts';
import { removeBridgeRules } from './iptables.ts';
import { withSbin } from './plugin.ts';

/** Removes the bridge of a network that is going away, with what the plugins keep for it. A missing one is no error. */
export async function removeBridge(name: string): Promise<void> {
  await removeBridgeRules(name);
  if (!existsSync(`/sys/class/net/${name}/bridge`)) return;
  await runProcess('ip', ['link', 'delete', 'dev', name], { env: { PATH: withSbin(process.env.PATH) } });
}
