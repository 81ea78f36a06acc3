import { existsSync } from 'node:fs';
import type { Settings } from '../engine/settings.ts';
import { builtInSettings, tomlFile } from './defaults.ts';
import { StatusError } from './errors.ts';
import type { ParsedValue } from './parse.ts';
import { quote } from './quote.ts';
import { parseBool } from './values.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Key = Exclude<keyof Settings, 'nonDefaultArgs'>;
type Value = boolean | string | string[];

/** Where one setting comes from besides its default. */
interface Source {
  key: Key;
  flag?: string;
  /** The other spelling of the flag. */
  otherFlag?: string;
  env?: string;
  toml: string;
}

/** Every setting of nerdctl.toml, shared with Go nerdctl. */
const sources: readonly Source[] = [
  { key: 'debug', flag: 'debug', toml: 'debug' },
  { key: 'debugFull', flag: 'debug-full', toml: 'debug_full' },
  { key: 'address', flag: 'address', otherFlag: 'host', env: 'CONTAINERD_ADDRESS', toml: 'address' },
  { key: 'namespace', flag: 'namespace', env: 'CONTAINERD_NAMESPACE', toml: 'namespace' },
  {
    key: 'snapshotter',
    flag: 'snapshotter',
    otherFlag: 'storage-driver',
    env: 'CONTAINERD_SNAPSHOTTER',
    toml: 'snapshotter',
  },
  { key: 'cniPath', flag: 'cni-path', env: 'CNI_PATH', toml: 'cni_path' },
  { key: 'cniNetconfPath', flag: 'cni-netconfpath', env: 'NETCONFPATH', toml: 'cni_netconfpath' },
  { key: 'dataRoot', flag: 'data-root', toml: 'data_root' },
  { key: 'cgroupManager', flag: 'cgroup-manager', toml: 'cgroup_manager' },
  { key: 'insecureRegistry', flag: 'insecure-registry', toml: 'insecure_registry' },
  { key: 'hostsDir', flag: 'hosts-dir', toml: 'hosts_dir' },
  { key: 'experimental', flag: 'experimental', env: 'NERDCTL_EXPERIMENTAL', toml: 'experimental' },
  { key: 'hostGatewayIp', flag: 'host-gateway-ip', env: 'NERDCTL_HOST_GATEWAY_IP', toml: 'host_gateway_ip' },
  { key: 'bridgeIp', flag: 'bridge-ip', env: 'NERDCTL_BRIDGE_IP', toml: 'bridge_ip' },
  { key: 'kubeHideDupe', flag: 'kube-hide-dupe', toml: 'kube_hide_dupe' },
  { key: 'selinuxEnabled', flag: 'selinux-enabled', toml: 'selinux_enabled' },
  { key: 'cdiSpecDirs', flag: 'cdi-spec-dirs', toml: 'cdi_spec_dirs' },
  { key: 'usernsRemap', flag: 'userns-remap', toml: 'userns_remap' },
  { key: 'dns', flag: 'global-dns', toml: 'dns' },
  { key: 'dnsOpts', flag: 'global-dns-opts', toml: 'dns_opts' },
  { key: 'dnsSearch', flag: 'global-dns-search', toml: 'dns_search' },
];

/** Known keys of the file that mean nothing here. */
const ignored: ReadonlySet<string> = new Set(['disable_hc_systemd']);

export interface SettingsInput {
  env: Env;
  /** Global flags given on the command line, by long name. */
  flags: ReadonlyMap<string, ParsedValue>;
  /** Effective user id. */
  euid: number;
  /** Reads and parses nerdctl.toml; asked only when the file exists. */
  readToml(path: string): Promise<Record<string, unknown>>;
  exists?: (path: string) => boolean;
}

/**
 * Flag, then environment, then nerdctl.toml, then the default.
 * @throws StatusError for a key or value of the file, or of the environment, that is wrong
 */
export async function resolveSettings(input: SettingsInput): Promise<Settings> {
  const exists = input.exists ?? existsSync;
  const defaults = builtInSettings(input.env, input.euid, exists);
  const toml = await readToml(input, exists);
  // Descriptors, because a spread would ask for the lazy ones.
  const settings = Object.defineProperties({}, Object.getOwnPropertyDescriptors(defaults)) as Settings;
  const nonDefaultArgs: string[] = [];
  for (const source of sources) {
    const type = source.key === 'hostGatewayIp' ? '' : defaults[source.key];
    const value = fromFlag(source, input) ?? fromEnv(source, input.env, type) ?? toml(source, type);
    if (value === undefined) continue;
    Object.defineProperty(settings, source.key, { value, enumerable: true, writable: true, configurable: true });
    if (source.flag !== undefined) nonDefaultArgs.push(...argument(source.flag, value, type));
  }
  settings.nonDefaultArgs = nonDefaultArgs;
  settings.address = settings.address.replace(/^unix:\/\//, '');
  validate(settings);
  return settings;
}

async function readToml(input: SettingsInput, exists: (path: string) => boolean) {
  const path = tomlFile(input.env, input.euid);
  const table = exists(path) ? await input.readToml(path) : {};
  const unknown = Object.keys(table).find((key) => !ignored.has(key) && !sources.some(({ toml }) => toml === key));
  if (unknown !== undefined) throw new StatusError(1, `${path}: unknown key ${quote(unknown)}`);
  return (source: Source, type: Value): Value | undefined => {
    const value = table[source.toml];
    if (value === undefined) return undefined;
    const fits = Array.isArray(type)
      ? Array.isArray(value) && value.every((item) => typeof item === 'string')
      : typeof value === typeof type;
    const wanted = Array.isArray(type)
      ? 'an array of strings'
      : typeof type === 'boolean'
        ? 'true or false'
        : 'a string';
    if (!fits) throw new StatusError(1, `${path}: the value of ${quote(source.toml)} must be ${wanted}`);
    return value as Value;
  };
}

function fromFlag(source: Source, { flags }: SettingsInput): Value | undefined {
  const value = flags.get(source.flag ?? '') ?? flags.get(source.otherFlag ?? '');
  return typeof value === 'number' ? undefined : value;
}

function fromEnv(source: Source, env: Env, type: Value): Value | undefined {
  const text = source.env === undefined ? undefined : env[source.env];
  if (!text) return undefined;
  if (typeof type !== 'boolean') return text;
  try {
    return parseBool(text);
  } catch {
    throw new StatusError(1, `${source.env}: ${quote(text)} is neither true nor false`);
  }
}

function argument(flag: string, value: Value, type: Value): string[] {
  const text = (of: Value) => (Array.isArray(of) ? of.map(csvField).join(',') : String(of));
  return text(value) === text(type) ? [] : [`--${flag}=${text(value)}`];
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** containerd's rule for identifiers; the namespace becomes a part of paths. */
const identifier = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

function validate(settings: Settings): void {
  const { namespace, cgroupManager } = settings;
  if (!identifier.test(namespace) || namespace.length > 76)
    throw new StatusError(
      1,
      `invalid namespace ${quote(namespace)}: only [A-Za-z0-9] with single "-", "_" or "." inside`,
    );
  if (!['systemd', 'cgroupfs', 'none'].includes(cgroupManager))
    throw new StatusError(1, `invalid cgroup manager ${quote(cgroupManager)}: must be "systemd", "cgroupfs" or "none"`);
  for (const key of ['address', 'snapshotter', 'dataRoot', 'cniNetconfPath'] as const)
    if (settings[key] === '') throw new StatusError(1, `the global setting ${quote(key)} must not be empty`);
}
