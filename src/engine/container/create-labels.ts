import type { PortMapping } from '../../docker/api.ts';
import { formatPlatform } from '../../docker/platform.ts';
import type { Engine } from '../engine.ts';
import { networksLabel } from '../network/mode.ts';
import type { ContainerDraft } from './draft.ts';
import { label } from './labels.ts';
import { formatRestartPolicy, type RestartPolicy } from './restart-policy.ts';

export interface LabelInput {
  draft: ContainerDraft;
  ports: PortMapping[];
  mountLabels: Record<string, string>;
  logUri: string;
}

/** A container record's labels: the image's and the user's, then Go nerdctl's, then ours. */
export function createLabels(engine: Engine, input: LabelInput): Record<string, string> {
  const { draft, ports } = input;
  const { config, hostConfig, network, log } = draft;
  const restart = hostConfig.RestartPolicy as RestartPolicy | undefined;
  const first = network.kind === 'cni' ? network.endpoints[0] : undefined;
  const empty = Object.keys(config.Labels).filter((key) => config.Labels[key] === '');
  return dropEmpty({
    ...config.Labels,
    [label.namespace]: engine.settings.namespace,
    [label.name]: draft.name,
    [label.hostname]: config.Hostname,
    [label.domainname]: config.Domainname,
    [label.stateDir]: draft.stateDir,
    [label.networks]: JSON.stringify(networksLabel(network)),
    [label.ports]: ports.length > 0 ? JSON.stringify(ports) : '',
    [label.ip]: first?.ip ?? '',
    [label.ip6]: first?.ip6 ?? '',
    [label.mac]: first?.mac ?? '',
    [label.extraHosts]: JSON.stringify(hostConfig.ExtraHosts ?? []),
    [label.platform]: formatPlatform(draft.image.platform),
    [label.logUri]: input.logUri,
    [label.logConfig]: JSON.stringify({ driver: log.driver, opts: log.opts, address: engine.settings.address }),
    [label.pidFile]: draft.pidFile ?? '',
    [label.user]: config.User,
    [label.autoRemove]: String(hostConfig.AutoRemove ?? false),
    [label.stopSignal]: config.StopSignal ?? '',
    [label.stopTimeout]: config.StopTimeout === undefined ? '' : String(config.StopTimeout),
    [label.privileged]: hostConfig.Privileged ? 'true' : '',
    [label.exposedPorts]: config.ExposedPorts ? JSON.stringify(config.ExposedPorts) : '',
    [label.dns]: JSON.stringify({
      DNSServers: hostConfig.Dns ?? [],
      DNSResolvConfOptions: hostConfig.DnsOptions ?? [],
      DNSSearchDomains: hostConfig.DnsSearch ?? [],
    }),
    [label.restartPolicy]: restart?.Name && restart.Name !== 'no' ? formatRestartPolicy(restart) : '',
    [label.emptyLabels]: empty.length > 0 ? JSON.stringify(empty) : '',
    [label.openStdin]: config.OpenStdin ? 'true' : '',
    [label.imageId]: draft.image.imageId,
    ...input.mountLabels,
  });
}

/** Go nerdctl reads its labels in the spec too, where its hook can see them; it removes no container without them. */
export function annotationsOf(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key.includes('nerdctl/')));
}

/** containerd does not keep labels without a value. */
function dropEmpty(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
