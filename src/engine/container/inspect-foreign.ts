import type { PortMapping } from '../../docker/api.ts';
import type { PartialContainerInspect } from '../../docker/views/container-inspect.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Spec } from '../../runtime/spec/oci.ts';
import type { Engine } from '../engine.ts';
import { mountPointsOf } from '../mounts/labels.ts';
import { jsonLabel, label } from './labels.ts';
import type { LogConfig } from './log-config.ts';
import { publishedPorts } from './ports.ts';
import { restartPolicyOf } from './restart-policy.ts';
import { orUndefined } from './task.ts';

/** Go nerdctl's labels, as far as they are about what docker has in HostConfig. */
interface GoDns {
  DNSServers?: string[] | null;
  DNSResolvConfOptions?: string[] | null;
  DNSSearchDomains?: string[] | null;
}

/** What a container that Go nerdctl made would have been asked for with docker, from its labels and its spec. */
export function foreignHostConfig(
  engine: Engine,
  container: Container,
  spec: Spec,
): NonNullable<PartialContainerInspect['HostConfig']> {
  const { labels } = container;
  const json = <T>(key: string) => jsonLabel<T>(labels, key);
  const dns = json<GoDns>(label.dns);
  const log = json<LogConfig>(label.logConfig);
  const { memory, cpu, pids } = spec.linux?.resources ?? {};
  return {
    Binds: bindsOf(labels),
    ContainerIDFile: json<{ CidFile?: string }>(label.hostConfig)?.CidFile ?? '',
    LogConfig: { Type: log?.driver ?? 'json-file', Config: log?.opts ?? {} },
    NetworkMode: json<string[]>(label.networks)?.[0],
    PortBindings: portBindings(publishedPorts(engine, container)),
    RestartPolicy: restartPolicyOf(labels),
    Privileged: labels[label.privileged] === 'true',
    AutoRemove: labels[label.autoRemove] === 'true',
    ExtraHosts: json<string[]>(label.extraHosts),
    Dns: dns?.DNSServers ?? undefined,
    DnsOptions: dns?.DNSResolvConfOptions ?? undefined,
    DnsSearch: dns?.DNSSearchDomains ?? undefined,
    IpcMode: json<{ mode?: string }>(label.ipc)?.mode,
    OomScoreAdj: spec.process?.oomScoreAdj,
    ReadonlyRootfs: spec.root?.readonly,
    Memory: memory?.limit,
    MemorySwap: memory?.swap,
    MemoryReservation: memory?.reservation,
    CpuShares: cpu?.shares,
    CpuQuota: cpu?.quota,
    CpuPeriod: cpu?.period,
    CpusetCpus: cpu?.cpus,
    CpusetMems: cpu?.mems,
    PidsLimit: pids?.limit,
  } as NonNullable<PartialContainerInspect['HostConfig']>;
}

/** As `-v` would have named them; nameless volumes are not among docker's either. */
function bindsOf(labels: Record<string, string>): string[] {
  const nameless = jsonLabel<string[]>(labels, label.anonymousVolumes) ?? [];
  return mountPointsOf(labels).flatMap(({ Type, Name, Source, Destination, Mode }) => {
    if (Type !== 'bind' && Type !== 'volume') return [];
    if (Name && nameless.includes(Name)) return [];
    return [[Type === 'volume' ? Name : Source, Destination, ...(Mode ? [Mode] : [])].join(':')];
  });
}

function portBindings(mappings: readonly PortMapping[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { ContainerPort, Protocol, HostIP, HostPort } of mappings) {
    const key = `${ContainerPort}/${Protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: HostIP === '0.0.0.0' ? '' : HostIP, HostPort: `${HostPort}` }];
  }
  return bindings;
}

/** Docker lists a published port as an exposed one. */
export function foreignExposedPorts(engine: Engine, container: Container): Record<string, object> | undefined {
  const published = publishedPorts(engine, container).map(({ ContainerPort, Protocol }) => [
    `${ContainerPort}/${Protocol}`,
    {},
  ]);
  const exposed = { ...jsonLabel<object>(container.labels, label.exposedPorts), ...Object.fromEntries(published) };
  return Object.keys(exposed).length > 0 ? exposed : undefined;
}

/** Docker's ID of the image, which Go nerdctl does not keep; the image's name where the image has gone. */
export async function foreignImageId(engine: Engine, container: Container): Promise<string> {
  const record = await orUndefined(engine.containerd.images.get(container.image));
  if (!record) return container.image;
  const { viewImage } = await import('../image/view.ts');
  const view = await viewImage(engine.containerd, record).catch(() => undefined);
  return view?.imageId ?? container.image;
}
