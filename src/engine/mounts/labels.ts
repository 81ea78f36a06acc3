import type { MountPoint } from '../../docker/views/container-inspect.ts';

/** Docker's inspect and Go nerdctl's labels have the same shape. */
export type { MountPoint };

const prefix = 'nerdctl/mounts.';

/** What Go nerdctl 2.1 reads, and other tools: without it they remove volumes that are in use. */
const together = 'nerdctl/mounts';
/** Of a label's key and value, in bytes: containerd's limit. */
const longestLabel = 4096;

/** One label a mount, and one of all if it is not too long. */
export function mountLabels(points: readonly MountPoint[]): Record<string, string> {
  const labels = Object.fromEntries(points.map((point, index) => [`${prefix}${index}`, JSON.stringify(point)]));
  const all = JSON.stringify(points);
  if (points.length > 0 && Buffer.byteLength(together + all) <= longestLabel) labels[together] = all;
  return labels;
}

/** The mounts that labels name, in order. */
export function mountPointsOf(labels: Readonly<Record<string, string>>): MountPoint[] {
  const numbered = Object.keys(labels)
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Number(a.slice(prefix.length)) - Number(b.slice(prefix.length)))
    .flatMap((key) => parse<MountPoint>(labels[key]));
  const points = numbered.length > 0 ? numbered : parse<MountPoint[]>(labels[together]).flat();
  return points.filter((point) => typeof point === 'object' && point !== null);
}

function parse<T>(text: string | undefined): T[] {
  if (!text) return [];
  try {
    return [JSON.parse(text) as T];
  } catch {
    return [];
  }
}
