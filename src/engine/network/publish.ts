import { readCachesOf } from '../../cni/cache.ts';
import { attachmentOf } from '../../cni/result.ts';
import type { PortMapping } from '../../docker/api.ts';
import { joinHostPort } from '../../docker/flags/ports.ts';
import { addPort, listPorts, type PortSpec, removePort } from '../../rootless/ports.ts';
import type { Rootless } from '../../rootless/rootless.ts';
import { noPorts } from './ports.ts';

/**
 * Without root the portmap plugin reaches only the network of the bridges: RootlessKit brings the machine's ports there,
 * to the container's own address. They are found again by that address, in libcni's cache; nothing else is kept.
 * @param endpoint what docker calls the container in its sentences
 */
export async function publishPorts(
  { apiSocket }: Rootless,
  containerId: string,
  endpoint: string,
  mappings: readonly PortMapping[],
): Promise<void> {
  const addresses = addressesOf(containerId);
  for (const mapping of mappings) {
    await addPort(apiSocket, portSpec(mapping, addresses)).catch((cause: Error) => {
      throw noPorts(endpoint, sentence(mapping, cause.message), cause);
    });
  }
}

/** Never fails: where RootlessKit does not answer, its ports have ended with it. */
export async function withdrawPorts({ apiSocket }: Rootless, containerId: string): Promise<void> {
  const addresses = addressesOf(containerId);
  if (addresses.length === 0) return;
  const ports = await listPorts(apiSocket).catch(() => []);
  const own = ports.filter(({ spec }) => addresses.includes(spec.childIP));
  await Promise.all(own.map(({ id }) => removePort(apiSocket, id).catch(() => {})));
}

/** Of a container whose ports are published. */
function addressesOf(containerId: string): string[] {
  return readCachesOf(containerId)
    .filter(({ capabilityArgs }) => Array.isArray(capabilityArgs.portMappings))
    .flatMap(({ result, ifName }) => (result ? attachmentOf(result, ifName).addresses : []))
    .map(({ ip }) => ip);
}

function portSpec({ HostIP, HostPort, ContainerPort, Protocol }: PortMapping, addresses: string[]): PortSpec {
  const family = HostIP.includes(':') ? 6 : 4;
  const childIP = addresses.find((ip) => ip.includes(':') === (family === 6)) ?? addresses[0] ?? '';
  return { proto: `${Protocol}${family}`, parentIP: HostIP, parentPort: HostPort, childIP, childPort: ContainerPort };
}

function sentence({ HostIP, HostPort, Protocol }: PortMapping, message: string): string {
  if (/^conflict with ID/.test(message))
    return `Bind for ${joinHostPort(HostIP, HostPort)} failed: port is already allocated`;
  if (/no PortDriver/i.test(message)) {
    const wanted = ['NET=slirp4netns', 'PORT_DRIVER=builtin'].map((word) => `CONTAINERD_ROOTLESS_ROOTLESSKIT_${word}`);
    return `RootlessKit runs without a port driver: start it again with ${wanted.join(' and ')}`;
  }
  if (/protocol/.test(message)) return `RootlessKit does not forward ${Protocol}: ${message}`;
  // What it ends with would make the command exit as if the container's program could not be executed.
  return `Error starting userland proxy: ${message.replace(/: listen \S+ \S+ bind: permission denied$/, '')}`;
}
