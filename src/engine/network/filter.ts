import { DockerError } from '../../docker/errors.ts';
import { booleanFilter, checkFilterKeys, type Filters, matchLabels, matchText } from '../../docker/flags/filters.ts';
import type { Engine } from '../engine.ts';
import type { DockerNetwork } from './inspect.ts';
import { networkMembers } from './usage.ts';

/**
 * docker's filters of `network ls`: driver, id, label, name, scope, type (custom or builtin), dangling. containerd is
 * asked only for dangling.
 * @throws DockerError `invalid`
 */
export async function networkFilter(engine: Engine, filters: Filters): Promise<(network: DockerNetwork) => boolean> {
  checkFilterKeys(filters, ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);
  const types = filters.get('type') ?? [];
  for (const type of types) {
    if (type !== 'custom' && type !== 'builtin') throw new DockerError('invalid', `invalid filter: 'type'='${type}'`);
  }
  const dangling = filters.has('dangling') ? booleanFilter(filters, 'dangling', false) : undefined;
  const members = dangling === undefined ? undefined : await networkMembers(engine);
  return (network) => {
    const type = isBuiltin(network) ? 'builtin' : 'custom';
    return (
      oneOf(filters.get('driver'), network.Driver) &&
      matchText(filters.get('id'), network.Id) &&
      matchLabels(filters.get('label'), network.Labels) &&
      matchText(filters.get('name'), network.Name) &&
      oneOf(filters.get('scope'), network.Scope) &&
      (types.length === 0 || types.includes(type)) &&
      (dangling === undefined || (type === 'custom' && !members?.has(network.Name)) === dangling)
    );
  };
}

function oneOf(wanted: readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || wanted.includes(value);
}

function isBuiltin({ Name }: DockerNetwork): boolean {
  return ['bridge', 'host', 'none'].includes(Name);
}
