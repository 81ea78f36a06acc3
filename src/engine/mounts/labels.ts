import type { MountPoint } from '../../docker/views/container-inspect.ts';

/** Docker's inspect and Go nerdctl's labels have the same shape. */
export type { MountPoint };

const prefix = 'nerdctl/mounts.';

/** One label a mount: containerd allows 4096 bytes in a label. */
export function mountLabels(points: readonly MountPoint[]): Record<string, string> {
  return Object.fromEntries(points.map((point, index) => [`${prefix}${index}`, JSON.stringify(point)]));
}

/** The mounts that labels name, in order; the one label of older versions is read too. */
export function mountPointsOf(labels: Readonly<Record<string, string>>): MountPoint[] {
  const numbered = Object.keys(labels)
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Number(a.slice(prefix.length)) - Number(b.slice(prefix.length)))
    .flatMap((key) => parse<MountPoint>(labels[key]));
  const old = parse<MountPoint[]>(labels['nerdctl/mounts']).flat();
  return [...numbered, ...old].filter((point) => typeof point === 'object' && point !== null);
}

function parse<T>(text: string | undefined): T[] {
  if (!text) return [];
  try {
    return [JSON.parse(text) as T];
  } catch {
    return [];
  }
}
