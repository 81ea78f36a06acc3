import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PortMapping } from '../../docker/api.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { stateDirOf } from './container-dir.ts';
import { jsonLabel, label } from './labels.ts';

/** The published ports: our label, or for a container of Go nerdctl's its network-config.json. */
export function publishedPorts(engine: Engine, container: Pick<Container, 'id' | 'labels'>): PortMapping[] {
  const labelled = jsonLabel<PortMapping[]>(container.labels, label.ports);
  if (labelled) return labelled;
  try {
    const text = readFileSync(join(stateDirOf(engine, container), 'network-config.json'), 'utf8');
    return (JSON.parse(text) as { portMappings?: PortMapping[] }).portMappings ?? [];
  } catch {
    return [];
  }
}
