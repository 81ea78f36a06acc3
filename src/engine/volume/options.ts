import { DockerError } from '../../docker/errors.ts';
import type { Mount } from '../../runtime/spec/oci.ts';

const known = new Set(['type', 'o', 'device']);

/** What the local driver accepts with `-o`, and of it what a runtime can mount in the container by itself. */
export function checkLocalOptions(name: string, options: Record<string, string>): void {
  const unknown = Object.keys(options).find((key) => !known.has(key));
  if (unknown !== undefined) throw new DockerError('invalid', `create ${name}: invalid option: "${unknown}"`);
  if (Object.keys(options).length === 0) return;
  if (!options.device) throw new DockerError('invalid', `create ${name}: missing required option: "device"`);
  if (!options.type && !isBind(options)) {
    throw new DockerError('invalid', `create ${name}: missing required option: "type"`);
  }
  if (options.type === 'tmpfs') {
    throw new DockerError(
      'not-implemented',
      `create ${name}: a tmpfs cannot be shared as a volume here: use --tmpfs or --mount type=tmpfs in each container`,
    );
  }
}

function isBind(options: Record<string, string>): boolean {
  const flags = (options.o ?? '').split(',');
  return flags.includes('bind') || flags.includes('rbind');
}

/** The mount of a volume that has options: the runtime makes it in the container, not on `_data`. */
export function localOptionsMount(options: Record<string, string>): Omit<Mount, 'destination'> {
  const flags = (options.o ?? '').split(',').filter(Boolean);
  return { type: isBind(options) ? 'bind' : (options.type ?? 'none'), source: options.device ?? '', options: flags };
}
