import { networkInterfaces } from 'node:os';
import { rangesOf } from '../../cni/conflist.ts';
import type { CniNetwork } from '../../cni/store.ts';
import type { Engine } from '../engine.ts';

/**
 * The address that `host-gateway` stands for: the configured one, else the host's own on the container's network, which
 * exists whenever the container runs, else the host's first address.
 */
export function hostGateway(engine: Engine, network?: CniNetwork): string {
  if (engine.settings.hostGatewayIp) return engine.settings.hostGatewayIp;
  const [first] = network?.list.plugins ?? [];
  const onBridge = first?.type === 'bridge' && first.isGateway === true;
  const gateway = onBridge ? rangesOf(network!.list).find((range) => range.gateway?.includes('.'))?.gateway : undefined;
  return gateway ?? firstAddress() ?? '127.0.0.1';
}

function firstAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}
