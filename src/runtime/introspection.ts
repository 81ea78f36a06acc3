import {
  type Plugin,
  PluginsRequest,
  PluginsResponse,
  ServerResponse,
} from '../gen/containerd/services/introspection/v1/introspection.ts';
import { Empty, type Rpc } from './rpc.ts';

export type { Plugin };

export interface Introspection {
  /** Filters such as `type==io.containerd.snapshotter.v1`. A plugin with `initErr` is not usable. */
  plugins(filters?: string[]): Promise<Plugin[]>;
  /** The server's UUID; its process ID from containerd 1.7 on. */
  server(): Promise<{ uuid: string; pid?: number }>;
}

const SERVICE = 'containerd.services.introspection.v1.Introspection';

export function introspectionService(rpc: Rpc): Introspection {
  return {
    async plugins(filters = []) {
      return (await rpc.call(`${SERVICE}/Plugins`, PluginsRequest, { filters }, PluginsResponse)).plugins;
    },
    async server() {
      const { uuid, pid } = await rpc.call(`${SERVICE}/Server`, Empty, undefined, ServerResponse);
      return { uuid, pid: pid || undefined };
    },
  };
}
