import { invalid } from '../errors.ts';

/** One -v value taken apart. Without a source it is an anonymous volume. */
export interface VolumeSpec {
  /** Absolute path or volume name. */
  source?: string;
  /** Absolute, cleaned path in the container. */
  target: string;
  /** The options as typed, comma separated: `ro,z`. */
  mode: string;
}

/** What the options of a volume mean. */
export interface VolumeMode {
  readOnly: boolean;
  noCopy: boolean;
  propagation?: string;
  /** `z` shares the SELinux label between containers, `Z` keeps it private. */
  relabel?: 'z' | 'Z';
}

const propagations = ['shared', 'rshared', 'slave', 'rslave', 'private', 'rprivate'];
const consistencies = ['consistent', 'cached', 'delegated', 'default'];

/**
 * Sorts -v values as the docker CLI does: those with a source are `HostConfig.Binds`, the others keys of `Config.Volumes`.
 * @param absolute turns a source that begins with `.` (the working directory is the caller's) into an absolute path
 * Modes, names and targets are dockerd's to check: see parseVolumeSpec.
 * @throws DockerError `invalid`
 */
export function parseVolumeFlags(
  values: readonly string[],
  absolute: (path: string) => string,
): { Binds: string[]; Volumes: Record<string, Record<string, never>> } {
  const Binds: string[] = [];
  const Volumes: Record<string, Record<string, never>> = {};
  for (const value of values) {
    if (value === '') throw invalid('invalid empty volume spec');
    const parts = value.split(':');
    if (parts.length === 1) {
      Volumes[value] = {};
      continue;
    }
    if (parts.includes('')) throw invalid(`invalid spec: ${value}: empty section between colons`);
    if (parts.length > 3) throw invalid(`invalid spec: ${value}: too many colons`);
    const [source = '', ...rest] = parts;
    Binds.push(source.startsWith('.') ? [absolute(source), ...rest].join(':') : value);
  }
  return { Binds, Volumes };
}

/**
 * Takes apart one entry of `HostConfig.Binds` or one key of `Config.Volumes`, with the checks and sentences of dockerd.
 * @throws DockerError `invalid`
 */
export function parseVolumeSpec(spec: string): VolumeSpec {
  const parts = spec.split(':');
  if (parts.length > 3 || parts.includes('')) throw invalid(`invalid volume specification: '${spec}'`);
  const [first = '', second, mode = ''] = parts;
  const target = second ?? first;
  if (mode !== '') parseVolumeMode(mode);
  if (!target.startsWith('/')) {
    throw invalid(
      `invalid volume specification: '${spec}': invalid mount config for type "${
        second === undefined || !first.startsWith('/') ? 'volume' : 'bind'
      }": invalid mount path: '${target}' mount path must be absolute`,
    );
  }
  if (cleanPath(target) === '/')
    throw invalid(
      `invalid volume specification: '${spec}': invalid mount config for type "${second === undefined || !first.startsWith('/') ? 'volume' : 'bind'}": invalid specification: destination can't be '/'`,
    );
  if (second === undefined) return { target: cleanPath(target), mode: '' };
  const source = first.startsWith('/') ? cleanPath(first) : checkVolumeName(first, spec);
  return { source, target: cleanPath(target), mode };
}

function checkVolumeName(name: string, spec: string): string {
  if (name.startsWith('.') || name.startsWith('~') || name.includes('/')) {
    throw invalid(
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. ` +
        'If you intended to pass a host directory, use absolute path',
    );
  }
  if (name.length === 1 && spec.length > 0) {
    throw invalid(`create ${name}: volume name is too short, names should be at least two alphanumeric characters`);
  }
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    throw invalid(
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. ` +
        'If you intended to pass a host directory, use absolute path',
    );
  }
  return name;
}

/**
 * Reads the options of a -v value; each kind may be given once.
 * @throws DockerError `invalid` `invalid mode: …`
 */
export function parseVolumeMode(mode: string): VolumeMode {
  const result: VolumeMode = { readOnly: false, noCopy: false };
  const seen = new Set<string>();
  for (const option of mode === '' ? [] : mode.split(',')) {
    const kind = optionKind(option);
    if (kind === undefined || seen.has(kind)) {
      throw invalid(`invalid mode: ${mode}`);
    }
    seen.add(kind);
    if (option === 'ro') result.readOnly = true;
    else if (kind === 'copy') result.noCopy = true;
    else if (kind === 'propagation') result.propagation = option;
    else if (option === 'z' || option === 'Z') result.relabel = option;
  }
  return result;
}

function optionKind(option: string): string | undefined {
  if (option === 'ro' || option === 'rw') return 'access';
  if (option === 'z' || option === 'Z') return 'label';
  if (option === 'nocopy') return 'copy';
  if (propagations.includes(option)) return 'propagation';
  if (consistencies.includes(option)) return 'consistency';
  return undefined;
}

/** Go's path.Clean for an absolute path. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/**
 * The values of --tmpfs, `path[:options]`, as `HostConfig.Tmpfs`.
 * @throws DockerError `invalid` for a path that is not absolute or is `/`
 */
export function parseTmpfs(values: readonly string[]): Record<string, string> {
  const mounts: Record<string, string> = {};
  for (const value of values) {
    const colon = value.indexOf(':');
    const path = colon < 0 ? value : value.slice(0, colon);
    if (!path.startsWith('/')) {
      throw invalid(`invalid mount path: '${path}' mount path must be absolute`);
    }
    if (cleanPath(path) === '/') throw invalid("invalid specification: destination can't be '/'");
    mounts[path] = colon < 0 ? '' : value.slice(colon + 1);
  }
  return mounts;
}

/**
 * One value of --volumes-from: `container[:ro|rw|z|Z]`.
 * @throws DockerError `invalid`
 */
export function parseVolumesFrom(value: string): { container: string; mode: string } {
  if (value === '') throw invalid('volumes-from specification cannot be an empty string');
  const colon = value.indexOf(':');
  const mode = colon < 0 ? 'rw' : value.slice(colon + 1);
  parseVolumeMode(mode);
  return { container: colon < 0 ? value : value.slice(0, colon), mode };
}
