import { invalid } from '../errors.ts';
import { isIp } from '../values/ip.ts';

/**
 * The values of --log-opt for a driver, `key=value`; the last of one key wins.
 * @throws DockerError `invalid` when driver `none` gets options
 */
export function parseLogOpts(driver: string, values: readonly string[]): Record<string, string> {
  if (driver === 'none' && values.length > 0) throw invalid(`invalid logging opts for driver ${driver}`);
  return parseKeyValues(values);
}

/** `key=value` each, or `key` for an empty value (pflag-style maps: --log-opt, --annotation, --opt). */
export function parseKeyValues(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const equals = value.indexOf('=');
      return equals < 0 ? [value, ''] : [value.slice(0, equals), value.slice(equals + 1)];
    }),
  );
}

/** What the values of --security-opt say; `SecurityOpt` goes into HostConfig. */
export interface SecurityOptions {
  SecurityOpt: string[];
  /** Empty lists for `systempaths=unconfined`, null for docker's defaults. */
  MaskedPaths: string[] | null;
  ReadonlyPaths: string[] | null;
}

/**
 * Checks the form of --security-opt values and takes `systempaths=unconfined` out.
 * @param readProfile gives the content of a seccomp profile file, compacted into SecurityOpt as docker does
 * @throws DockerError `invalid`
 */
export function parseSecurityOpts(values: readonly string[], readProfile: (path: string) => string): SecurityOptions {
  const result: SecurityOptions = { SecurityOpt: [], MaskedPaths: null, ReadonlyPaths: null };
  for (const value of values) {
    const [key, text] = splitSecurityOpt(value);
    if (text === undefined && key !== 'no-new-privileges') throw invalid(`Invalid --security-opt: "${value}"`);
    if (value === 'systempaths=unconfined') {
      result.MaskedPaths = [];
      result.ReadonlyPaths = [];
    } else if (key === 'seccomp' && text !== undefined && text !== 'unconfined' && text !== 'builtin') {
      result.SecurityOpt.push(`seccomp=${compactJson(readProfile(text), text)}`);
    } else {
      result.SecurityOpt.push(value);
    }
  }
  return result;
}

/** The key and value of one security option: `=` separates, or `:` in the old form. */
export function splitSecurityOpt(value: string): [key: string, text: string | undefined] {
  const separator = value.includes('=') ? '=' : ':';
  const at = value.indexOf(separator);
  return at < 0 ? [value, undefined] : [value.slice(0, at), value.slice(at + 1)];
}

function compactJson(text: string, path: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw invalid(`compacting json for seccomp profile (${path}) failed: ${(error as Error).message}`);
  }
}

const namespacedSysctls = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);

/**
 * One value of --sysctl: only those that a namespace has of its own.
 * @throws DockerError `invalid`
 */
export function parseSysctl(value: string): [key: string, value: string] {
  const equals = value.indexOf('=');
  const key = value.slice(0, Math.max(equals, 0));
  if (!namespacedSysctls.has(key) && !/^(?:net|fs\.mqueue)\./.test(key))
    throw invalid(`sysctl '${value}' is not allowed`);
  return [key, value.slice(equals + 1)];
}

/**
 * One value of --dns.
 * @throws DockerError `invalid`
 */
export function parseDnsServer(value: string): string {
  if (!isIp(value.trim())) throw invalid(`IP address is not correctly formatted: ${value}`);
  return value.trim();
}

/**
 * One value of --dns-search: a domain, or `.` for none.
 * @throws DockerError `invalid`
 */
export function parseDnsSearch(value: string): string {
  const domain = value.trim();
  if (domain === '.') return domain;
  const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
  if (domain.length > 255 || !new RegExp(`^${label}(?:\\.${label})*\\.?$`).test(domain)) {
    throw invalid(`${value} is not a valid domain`);
  }
  return domain.replace(/\.$/, '');
}

/**
 * One value of -a/--attach.
 * @throws DockerError `invalid`
 */
export function parseAttachStream(value: string): 'stdin' | 'stdout' | 'stderr' {
  const stream = value.toLowerCase();
  if (stream === 'stdin' || stream === 'stdout' || stream === 'stderr') return stream;
  throw invalid('valid streams are STDIN, STDOUT and STDERR');
}

/**
 * A value of --pull.
 * @throws DockerError `invalid`
 */
export function parsePullPolicy(value: string): 'always' | 'missing' | 'never' {
  if (value === '') return 'missing';
  if (value === 'always' || value === 'missing' || value === 'never') return value;
  throw invalid(`invalid pull option: '${value}': must be one of "always", "missing" or "never"`);
}

/**
 * The modes of --pid, --uts, --userns and --cgroupns, --ipc being checked by the engine.
 * @throws DockerError `invalid`
 */
export function checkNamespaceMode(flag: 'pid' | 'uts' | 'userns' | 'cgroupns', mode: string): void {
  const allowed = {
    pid: ['', 'host'],
    uts: ['', 'host'],
    userns: ['', 'host'],
    cgroupns: ['', 'private', 'host'],
  }[flag];
  const joined = flag === 'pid' && /^container:./.test(mode);
  const name = { pid: 'PID', uts: 'UTS', userns: 'USER', cgroupns: 'CGROUP' }[flag];
  if (!allowed.includes(mode) && !joined) throw invalid(`--${flag}: invalid ${name} mode`);
}
