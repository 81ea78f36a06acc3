import { DockerError } from '../../docker/errors.ts';
import type { MountSpec } from '../../docker/flags/mount.ts';
import type { Mount } from '../../runtime/spec/oci.ts';

const defaults = ['noexec', 'nosuid', 'nodev', 'rprivate'];

/** Options that exclude each other: the last one given counts. */
const families = [
  ['exec', 'noexec'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['ro', 'rw'],
  ['sync', 'async'],
  ['mand', 'nomand'],
  ['atime', 'noatime'],
  ['diratime', 'nodiratime'],
  ['relatime', 'norelatime'],
  ['strictatime', 'nostrictatime'],
  ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'],
];
const alone = ['dirsync', 'remount', 'bind', 'rbind'];
const valued = ['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'];

/** The mount of --tmpfs and of --mount type=tmpfs: docker's defaults, each replaced by what the user says. */
export function tmpfsMount(destination: string, given: readonly string[]): Mount {
  const options: string[] = [];
  for (const option of [...defaults, ...given]) {
    const family = familyOf(option);
    if (!family)
      throw new DockerError(
        'invalid',
        `invalid tmpfs option [${option
          .split('=')
          .map((part) => JSON.stringify(part))
          .join(' ')}]`,
      );
    const rival = options.findIndex((other) => familyOf(other) === family);
    if (rival >= 0) options.splice(rival, 1);
    options.push(option);
  }
  return { destination, type: 'tmpfs', source: 'tmpfs', options };
}

/** Two options of one family exclude each other. */
function familyOf(option: string): string | undefined {
  const key = option.split('=', 1)[0] ?? '';
  if (option.includes('=')) return valued.includes(key) ? key : undefined;
  return families.find((members) => members.includes(option))?.[0] ?? (alone.includes(option) ? option : undefined);
}

/** `tmpfs-size`, `tmpfs-mode`, `readonly` as mount options. */
export function tmpfsOptionsOf(spec: MountSpec): string[] {
  const { Mode, SizeBytes } = spec.TmpfsOptions ?? {};
  return [
    ...(spec.ReadOnly ? ['ro'] : []),
    ...(Mode ? [`mode=${Mode.toString(8)}`] : []),
    ...(SizeBytes ? [`size=${SizeBytes}`] : []),
  ];
}
