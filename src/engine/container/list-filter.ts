import { DockerError } from '../../docker/errors.ts';
import type { Container } from '../../runtime/containers.ts';
import type { Engine } from '../engine.ts';
import { resolveImage } from '../image/store.ts';
import { mountPointsOf } from '../mounts/labels.ts';
import { nameOf } from './container-dir.ts';
import { findContainer } from './find.ts';
import { dockerLabels, jsonLabel, label } from './labels.ts';
import type { ListedContainer } from './list.ts';
import { publishedPorts } from './ports.ts';

/** Values by key, as given: values of one key are alternatives (all must hold for `label`), keys are cumulative. */
export type Filters = Map<string, string[]>;

type Test = (listed: ListedContainer) => boolean;

const healths = ['none', 'starting', 'healthy', 'unhealthy'];
const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];

/**
 * Docker's `ps --filter`.
 * @throws DockerError for a key or a value that docker refuses
 */
export async function containerFilter(engine: Engine, filters: Filters): Promise<Test> {
  const tests = await Promise.all([...filters].map(([key, values]) => testFor(engine, key, values)));
  return (listed) => tests.every((test) => test(listed));
}

async function testFor(engine: Engine, key: string, values: string[]): Promise<Test> {
  const any = (test: (value: string, listed: ListedContainer) => boolean): Test => {
    return (listed) => values.some((value) => test(value, listed));
  };
  switch (key) {
    case 'id':
      return any((value, { container }) => matches(value, container.id));
    case 'name':
      return any(
        (value, { container }) => matches(value, nameOf(container)) || matches(value, `/${nameOf(container)}`),
      );
    case 'label':
      return ({ container }) => values.every((value) => hasLabel(dockerLabels(container.labels), value));
    case 'status':
      return statusTest(values);
    case 'exited': {
      const codes = values.map((value) => exitCode(value));
      return ({ state }) => state.Status === 'exited' && codes.includes(state.ExitCode);
    }
    case 'ancestor':
      return ancestorTest(engine, values);
    case 'before':
    case 'since':
      return orderTest(engine, key, values);
    case 'volume':
      return any((value, { container }) =>
        mountPointsOf(container.labels).some((m) => m.Name === value || m.Source === value || m.Destination === value),
      );
    case 'network':
      return any((value, { container }) =>
        (jsonLabel<string[]>(container.labels, label.networks) ?? []).includes(value),
      );
    case 'publish':
      return portTest(values, ({ container }) =>
        publishedPorts(engine, container).map((p) => `${p.HostPort}/${p.Protocol}`),
      );
    case 'expose':
      return portTest(values, ({ container }) =>
        Object.keys(jsonLabel<object>(container.labels, label.exposedPorts) ?? {}),
      );
    case 'health':
      for (const value of values)
        if (!healths.includes(value))
          throw new DockerError('invalid', `unrecognised filter value for health: ${value}`);
      return any((value) => value === 'none');
    case 'isolation':
      // of Windows: docker takes it everywhere and looks at it there
      return () => true;
    case 'is-task':
      return any((value) => value === 'false' || value === '0');
    default:
      throw new DockerError('invalid', `invalid filter '${key}'`);
  }
}

function statusTest(values: string[]): Test {
  const unknown = values.find((value) => !statuses.includes(value));
  if (unknown !== undefined) {
    throw new DockerError('invalid', `invalid filter 'status=${unknown}'`);
  }
  return ({ state }) => values.includes(state.Status);
}

function exitCode(value: string): number {
  if (!/^-?\d+$/.test(value)) throw new DockerError('invalid', `invalid filter 'exited=${value}'`);
  return Number(value);
}

async function ancestorTest(engine: Engine, values: string[]): Promise<Test> {
  const names = new Set<string>(values);
  for (const value of values) {
    const image = await resolveImage(engine, value).catch(() => undefined);
    if (!image) continue;
    names.add(image.name).add(image.imageId);
  }
  return ({ container }) => names.has(container.image) || names.has(container.labels[label.imageId] ?? '');
}

async function orderTest(engine: Engine, key: 'before' | 'since', values: string[]): Promise<Test> {
  const marks = await Promise.all(values.map((value) => findContainer(engine, value)));
  const times = marks.map((mark) => createdAt(mark));
  return ({ container }) =>
    times.some((time) => (key === 'before' ? createdAt(container) < time : createdAt(container) > time));
}

const createdAt = (container: Container): number => container.createdAt?.getTime() ?? 0;

/** `80`, `80/tcp`, `8000-8080/udp`. */
function portTest(values: string[], portsOf: (listed: ListedContainer) => string[]): Test {
  const wanted = new Set(
    values.flatMap((value) => {
      const [, from = '', to, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(value) ?? [];
      if (!from) throw new DockerError('invalid', `invalid port '${value}'`);
      const count = Number(to ?? from) - Number(from) + 1;
      return Array.from({ length: Math.max(count, 0) }, (_, i) => `${Number(from) + i}/${protocol}`);
    }),
  );
  return (listed) => portsOf(listed).some((port) => wanted.has(port));
}

function hasLabel(labels: Record<string, string>, wanted: string): boolean {
  const at = wanted.indexOf('=');
  return at < 0 ? wanted in labels : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}

/** Docker takes names and IDs as unanchored regular expressions. */
function matches(pattern: string, text: string): boolean {
  if (text.startsWith(pattern)) return true;
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}
