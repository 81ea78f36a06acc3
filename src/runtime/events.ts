import { Envelope, SubscribeRequest } from '../gen/containerd/services/events/v1/events.ts';
import type { Rpc } from './rpc.ts';

export type { Envelope };

export interface Events {
  /**
   * All namespaces' events, unless a filter says `namespace==…`; others are `topic==/tasks/exit`, `event.container_id==…`.
   * The request is on its way when this returns, but containerd does not say when it begins to listen.
   */
  subscribe(filters?: string[]): AsyncIterableIterator<Envelope>;
}

export function eventsService(rpc: Rpc): Events {
  return {
    subscribe: (filters = []) =>
      rpc.serverStream('containerd.services.events.v1.Events/Subscribe', SubscribeRequest, { filters }, Envelope),
  };
}
