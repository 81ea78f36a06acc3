import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parse } from 'smol-toml';
import { DockerError } from '../docker/errors.ts';

export type Capability = 'pull' | 'resolve' | 'push';

/** One place to ask for a repository: the registry itself or a mirror of it. */
export interface RegistryHost {
  /** Scheme, host and API root, without a slash at the end: `https://registry-1.docker.io/v2`. */
  url: string;
  capabilities: ReadonlySet<Capability>;
  /** Not the registry that the image names: gets the `ns` parameter. */
  mirror: boolean;
  skipVerify: boolean;
  /** TLS handshakes that fail may be followed by plain HTTP. */
  plainFallback: boolean;
  /** PEM. */
  ca: string[];
  client: { cert: string; key: string }[];
  headers: Record<string, string>;
}

export interface HostsOptions {
  /** Directories in containerd's `certs.d` form, or docker's; the first that knows the registry counts. */
  dirs: readonly string[];
  /** `--insecure-registry`: certificates are not verified and plain HTTP will do. */
  insecure: boolean;
}

const all: ReadonlySet<Capability> = new Set<Capability>(['pull', 'resolve', 'push']);

/**
 * The hosts to ask for a registry (the domain of a reference), in order, the registry itself last.
 * Reference: containerd, docs/hosts.md.
 * @throws DockerError invalid, naming the file, for a hosts.toml that cannot be used
 */
export function registryHosts(domain: string, options: HostsOptions): RegistryHost[] {
  const dir = hostDir(domain, options.dirs);
  const upstream = defaultHost(domain, options.insecure);
  if (!dir) return [upstream];
  const text = read(join(dir, 'hosts.toml'));
  if (text !== undefined) return parseHostsToml(text, dir, upstream, options.insecure);
  return [{ ...upstream, ...dockerCerts(dir) }];
}

function defaultHost(domain: string, insecure: boolean): RegistryHost {
  const host = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
  if (!URL.canParse(`https://${host}`)) throw new DockerError('invalid', `${host} is no address of a registry`);
  const relaxed = insecure || isLocalhost(host);
  return {
    url: `https://${host}/v2`,
    capabilities: all,
    mirror: false,
    skipVerify: relaxed,
    plainFallback: relaxed,
    ca: [],
    client: [],
    headers: {},
  };
}

/** docker's rule: 127.0.0.0/8, ::1 and localhost need no TLS. */
export function isLocalhost(host: string): boolean {
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

function hostDir(domain: string, dirs: readonly string[]): string | undefined {
  const escaped = domain.replace(/:(\d+)$/, '_$1_');
  for (const dir of dirs) {
    for (const name of new Set([escaped, domain, '_default'])) {
      const path = join(dir, name);
      if (list(path) !== undefined) return path;
    }
  }
  return undefined;
}

function list(dir: string): string[] | undefined {
  try {
    return readdirSync(dir).sort();
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DockerError('invalid', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** docker's layout: `*.crt` are authorities, `X.cert` with `X.key` a client certificate. */
function dockerCerts(dir: string): Pick<RegistryHost, 'ca' | 'client'> {
  const ca: string[] = [];
  const client: RegistryHost['client'] = [];
  for (const name of list(dir) ?? []) {
    if (name.endsWith('.crt')) ca.push(read(join(dir, name)) ?? '');
    if (!name.endsWith('.cert')) continue;
    const keyPath = join(dir, name.replace(/\.cert$/, '.key'));
    const key = read(keyPath);
    if (key === undefined) throw new DockerError('invalid', `missing key ${keyPath} for client certificate ${name}`);
    client.push({ cert: read(join(dir, name)) ?? '', key });
  }
  return { ca, client };
}

type Table = Record<string, unknown>;

function parseHostsToml(text: string, dir: string, upstream: RegistryHost, insecure: boolean): RegistryHost[] {
  const path = join(dir, 'hosts.toml');
  let root: Table;
  try {
    root = parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new DockerError('invalid', `${path} cannot be read: ${reason}`, { cause });
  }
  const hosts: RegistryHost[] = [];
  const tables = (root.host ?? {}) as Table;
  for (const [server, table] of Object.entries(tables)) {
    hosts.push(hostOf(server, (table ?? {}) as Table, dir, path, insecure, true));
  }
  const server = typeof root.server === 'string' && root.server !== '' ? root.server : undefined;
  const { host: _, server: __, ...rootTable } = root;
  if (server !== undefined) hosts.push({ ...hostOf(server, rootTable, dir, path, insecure, false), mirror: false });
  else hosts.push({ ...upstream, ...overrides(rootTable, dir, path) });
  return hosts;
}

function hostOf(
  server: string,
  table: Table,
  dir: string,
  path: string,
  insecure: boolean,
  mirror: boolean,
): RegistryHost {
  let url: URL;
  try {
    url = new URL(/^https?:\/\//.test(server) ? server : `https://${server}`);
  } catch (cause) {
    throw new DockerError('invalid', `${path}: ${JSON.stringify(server)} is no address of a registry`, { cause });
  }
  const root = url.pathname.replace(/\/+$/, '');
  const api = table.override_path === true || root.endsWith('/v2') ? root : `${root}/v2`;
  const relaxed = insecure || (isLocalhost(url.host) && !/^https?:\/\//.test(server));
  return {
    url: `${url.protocol}//${url.host}${api}`,
    capabilities: all,
    mirror,
    skipVerify: insecure,
    plainFallback: relaxed,
    ca: [],
    client: [],
    headers: {},
    ...overrides(table, dir, path),
  };
}

function overrides(table: Table, dir: string, path: string): Partial<RegistryHost> {
  const fail = (key: string): never => {
    throw new DockerError('invalid', `${path}: the value of ${key} is not of a form that hosts.toml knows`);
  };
  const result: Partial<RegistryHost> = {};
  if (table.capabilities !== undefined) {
    const names = strings(table.capabilities) ?? fail('capabilities');
    const unknown = names.find((name) => !all.has(name as Capability));
    if (unknown !== undefined)
      throw new DockerError('invalid', `${path}: unknown capability ${JSON.stringify(unknown)}`);
    result.capabilities = new Set(names as Capability[]);
  }
  if (table.skip_verify !== undefined) {
    if (typeof table.skip_verify !== 'boolean') fail('skip_verify');
    result.skipVerify = table.skip_verify === true;
  }
  const pem = (name: string): string => {
    const file = isAbsolute(name) ? name : join(dir, name);
    const content = read(file);
    if (content === undefined) throw new DockerError('invalid', `${path} names ${file}, which does not exist`);
    return content;
  };
  if (table.ca !== undefined) result.ca = (strings(table.ca) ?? fail('ca')).map(pem);
  if (table.client !== undefined)
    result.client = clientPairs(table.client, () => fail('client')).map(([cert, key]) => ({
      cert: pem(cert),
      key: pem(key === '' ? cert : key),
    }));
  if (table.header !== undefined) {
    result.headers = {};
    for (const [name, value] of Object.entries(table.header as Table)) {
      result.headers[name] = (strings(value) ?? fail('header')).join(', ');
    }
  }
  return result;
}

function strings(value: unknown): string[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  return list.every((item): item is string => typeof item === 'string') ? list : undefined;
}

/** `"pem"`, `["pem", …]` or `[["cert", "key"], …]`. */
function clientPairs(value: unknown, fail: () => never): [cert: string, key: string][] {
  if (typeof value === 'string') return [[value, '']];
  if (!Array.isArray(value)) return fail();
  return value.map((item) => {
    if (typeof item === 'string') return [item, ''];
    const pair = Array.isArray(item) ? strings(item) : undefined;
    if (!pair || pair.length === 0) return fail();
    return [pair[0]!, pair[1] ?? ''];
  });
}
