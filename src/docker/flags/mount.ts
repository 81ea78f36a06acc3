import { invalid } from '../errors.ts';
import { parseMemory } from '../values/units.ts';
import { parseGoBool } from './bool.ts';
import { parseCsvLine } from './csv.ts';

/** An entry of `HostConfig.Mounts` (Docker Engine API), with only the keys that were given. */
export interface MountSpec {
  /** `bind`, `volume`, `tmpfs`, `image`; the engine refuses others. */
  Type: string;
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: {
    Propagation?: string;
    NonRecursive?: boolean;
    ReadOnlyNonRecursive?: boolean;
    ReadOnlyForceRecursive?: boolean;
    CreateMountpoint?: boolean;
  };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    Subpath?: string;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
  };
  ImageOptions?: { Subpath?: string };
  /** Mode is the number: 0o1777 is 1023. */
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
}

type Setter = (mount: MountSpec, value: string, absolute: (path: string) => string) => void;

/** Keys that may stand alone and then mean true. */
const flags = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive']);

const setters: Record<string, Setter> = {
  type: (mount, value) => {
    mount.Type = value.toLowerCase();
  },
  source: (mount, value, absolute) => {
    if (value === '') return;
    mount.Source =
      value === '.' || value.startsWith('./') || value.startsWith('../') || value === '..' ? absolute(value) : value;
  },
  target: (mount, value) => {
    mount.Target = value;
  },
  readonly: (mount, value) => {
    if (bool('readonly', value)) mount.ReadOnly = true;
    else delete mount.ReadOnly;
  },
  consistency: (mount, value) => {
    mount.Consistency = value.toLowerCase();
  },
  'bind-propagation': (mount, value) => {
    mount.BindOptions = { ...mount.BindOptions, Propagation: value.toLowerCase() };
  },
  'bind-nonrecursive': (mount, value) => {
    if (bool('bind-nonrecursive', value)) mount.BindOptions = { ...mount.BindOptions, NonRecursive: true };
  },
  'bind-recursive': (mount, value) => {
    const options = recursion[value];
    if (!options) {
      throw invalid(
        `invalid value for bind-recursive: ${value} (must be "enabled", "disabled", "writable", or "readonly")`,
      );
    }
    if (Object.keys(options).length > 0) mount.BindOptions = { ...mount.BindOptions, ...options };
  },
  'volume-subpath': (mount, value) => {
    volume(mount, { Subpath: value });
  },
  'volume-nocopy': (mount, value) => {
    const NoCopy = bool('volume-nocopy', value);
    volume(mount, NoCopy ? { NoCopy } : {});
  },
  'volume-label': (mount, value) => {
    const [key, text] = cut(value);
    volume(mount, { Labels: { ...mount.VolumeOptions?.Labels, [key]: text } });
  },
  'volume-driver': (mount, value) => {
    volume(mount, { DriverConfig: { ...mount.VolumeOptions?.DriverConfig, Name: value } });
  },
  'volume-opt': (mount, value) => {
    const [key, text] = cut(value);
    const config = mount.VolumeOptions?.DriverConfig;
    volume(mount, { DriverConfig: { ...config, Options: { ...config?.Options, [key]: text } } });
  },
  'image-subpath': (mount, value) => {
    mount.ImageOptions = { ...mount.ImageOptions, Subpath: value };
  },
  'tmpfs-size': (mount, value) => {
    const SizeBytes = sizeOrUndefined(value);
    if (SizeBytes === undefined) throw invalid(`invalid value for tmpfs-size: ${value}`);
    mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes };
  },
  'tmpfs-mode': (mount, value) => {
    if (!/^[0-7]{1,10}$/.test(value)) throw invalid(`invalid value for tmpfs-mode: ${value}`);
    mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: Number.parseInt(value, 8) };
  },
};

const recursion: Record<string, MountSpec['BindOptions']> = {
  enabled: {},
  disabled: { NonRecursive: true },
  writable: { ReadOnlyNonRecursive: true },
  readonly: { ReadOnlyForceRecursive: true },
};
const aliases: Record<string, string> = { src: 'source', dst: 'target', destination: 'target', ro: 'readonly' };

/**
 * One value of --mount, by docker's grammar: a CSV record of key=value.
 * @param absolute turns a source that begins with `.` into an absolute path
 * @throws DockerError `invalid`, the words that docker prints after `invalid argument "…" for "--mount" flag: `
 */
export function parseMountFlag(value: string, absolute: (path: string) => string): MountSpec {
  const mount: MountSpec = { Type: 'volume', Target: '' };
  for (const field of parseCsvLine(value)) {
    const equals = field.indexOf('=');
    const typed = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const key = aliases[typed] ?? typed;
    if (equals < 0 && !flags.has(typed)) throw invalid(`invalid field '${field}' must be a key=value pair`);
    const setter = Object.hasOwn(setters, key) ? setters[key] : undefined;
    if (!setter) throw invalid(`unexpected key '${typed}' in '${field}'`);
    setter(mount, equals < 0 ? 'true' : field.slice(equals + 1), absolute);
  }
  check(mount);
  return mount;
}

function check(mount: MountSpec): void {
  if (mount.Target === '') throw invalid('target is required');
  const { Type, BindOptions, VolumeOptions, ImageOptions, TmpfsOptions } = mount;
  const mixed = (options: object | undefined, type: string): void => {
    if (options && Type !== type) throw invalid(`cannot mix '${type}-*' options with mount type '${Type}'`);
  };
  mixed(VolumeOptions, 'volume');
  mixed(ImageOptions, 'image');
  mixed(BindOptions, 'bind');
  mixed(TmpfsOptions, 'tmpfs');
  if (BindOptions?.ReadOnlyNonRecursive && !mount.ReadOnly) {
    throw invalid("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction");
  }
  if (BindOptions?.ReadOnlyForceRecursive) {
    if (!mount.ReadOnly)
      throw invalid("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
    if (BindOptions.Propagation !== 'rprivate') {
      throw invalid(
        "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
      );
    }
  }
}

function volume(mount: MountSpec, options: MountSpec['VolumeOptions']): void {
  mount.VolumeOptions = { DriverConfig: {}, ...mount.VolumeOptions, ...options };
}

function bool(key: string, value: string): boolean {
  const parsed = parseGoBool(value);
  if (parsed === undefined) throw invalid(`invalid value for ${key}: ${value}`);
  return parsed;
}

function cut(text: string): [key: string, value: string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

function sizeOrUndefined(text: string): number | undefined {
  try {
    return parseMemory(text);
  } catch {
    return undefined;
  }
}
