import { formatFamiliar, parseReference } from '../../docker/reference.ts';
import { type ContainerSummary, displayCommand } from '../../docker/views/container-list.ts';
import { portMap, portSummaries } from '../../docker/views/ports.ts';
import { statusText } from '../../docker/views/status.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { mountPointsOf } from '../mounts/labels.ts';
import { nameOf } from './container-dir.ts';
import { dockerLabels, jsonLabel, label } from './labels.ts';
import type { ListedContainer } from './list.ts';
import { publishedPorts } from './ports.ts';
import { argsOf } from './spec-args.ts';

/** A container as docker's list API shows it. */
export function summarize(engine: Engine, { container, state }: ListedContainer, now: number): ContainerSummary {
  const { labels } = container;
  const exposed = jsonLabel<Record<string, object>>(labels, label.exposedPorts) ?? {};
  const networks = jsonLabel<string[]>(labels, label.networks) ?? [];
  const [path = '', ...args] = argsOf(container);
  return {
    Id: container.id,
    Names: [`/${nameOf(container)}`],
    Image: displayName(container),
    ImageID: labels[label.imageId] ?? '',
    Command: displayCommand(path, args),
    Created: Math.floor((container.createdAt?.getTime() ?? 0) / 1000),
    Ports: state.Running ? portSummaries(portMap(publishedPorts(engine, container), exposed)) : [],
    Labels: dockerLabels(labels),
    State: state.Status,
    Status: statusText(state, now),
    HostConfig: { NetworkMode: networks[0] ?? 'default' },
    NetworkSettings: { Networks: Object.fromEntries(networks.map((name) => [name, {}])) },
    Mounts: mountPointsOf(labels),
  };
}

/** The image as its user would type it; an ID stays an ID. */
function displayName(container: Container): string {
  try {
    const { tag, digest, ...rest } = parseReference(container.image);
    return formatFamiliar({ ...rest, ...(tag === 'latest' && !digest ? {} : { tag }), digest });
  } catch {
    return container.image;
  }
}
