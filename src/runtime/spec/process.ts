import { DockerError } from '../../docker/errors.ts';
import type { HostConfig, SpecInput } from './input.ts';
import type { Rlimit } from './oci.ts';

export const initDestination = '/sbin/docker-init';

export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface Command {
  Cmd?: string[] | null;
  Entrypoint?: string | string[] | null;
}

/**
 * Entrypoint followed by Cmd, docker's merge: a new entrypoint drops the image's Cmd, and an entrypoint of `[""]`
 * (`--entrypoint ''`) clears the image's.
 * @throws DockerError when nothing is left to run
 */
export function processArgs(image: Command, config: Command): string[] {
  const { Entrypoint, Cmd } = mergeCommand(image, config);
  const args = [...(Entrypoint ?? []), ...(Cmd ?? [])];
  if (args.length === 0) throw new DockerError('invalid', 'no command specified');
  return args;
}

/** The same merge, kept apart: what `inspect` shows as Config.Entrypoint and Config.Cmd. */
export function mergeCommand(image: Command, config: Command): { Entrypoint: string[] | null; Cmd: string[] | null } {
  const given = list(config.Entrypoint);
  if (given.length > 0) {
    const cleared = given.length === 1 && given[0] === '';
    return { Entrypoint: cleared ? null : given, Cmd: nonEmpty(config.Cmd) };
  }
  return { Entrypoint: nonEmpty(list(image.Entrypoint)), Cmd: nonEmpty(config.Cmd) ?? nonEmpty(image.Cmd) };
}

function list(value: string | string[] | null | undefined): string[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function nonEmpty(values: string[] | null | undefined): string[] | null {
  return values && values.length > 0 ? [...values] : null;
}

/**
 * Config.Env as docker stores it: the user's variables, then those of the image that they do not name.
 * Entries without `=` (`-e NAME` unset in the caller's environment) stay: they remove the image's variable.
 */
export function mergeEnv(
  image: readonly string[] | null | undefined,
  user: readonly string[] | null | undefined,
): string[] {
  const own = [...(user ?? [])];
  const names = new Set(own.map(nameOf));
  return [...own, ...(image ?? []).filter((entry) => !names.has(nameOf(entry)))];
}

/** The environment of the process: docker's own variables first, each replaced in place by one of `Config.Env`. */
export function processEnv(configEnv: readonly string[], options: { hostname: string; tty: boolean }): string[] {
  const env = [defaultPath, `HOSTNAME=${options.hostname}`];
  if (options.tty) env.push('TERM=xterm');
  const at = new Map(env.map((entry, index) => [nameOf(entry), index]));
  const removed = new Set<number>();
  for (const entry of configEnv) {
    const name = nameOf(entry);
    const index = at.get(name);
    if (!entry.includes('=')) {
      if (index !== undefined) removed.add(index);
      at.delete(name);
    } else if (index !== undefined) {
      env[index] = entry;
    } else {
      at.set(name, env.push(entry) - 1);
    }
  }
  return env.filter((_, index) => !removed.has(index));
}

function nameOf(entry: string): string {
  const end = entry.indexOf('=');
  return end < 0 ? entry : entry.slice(0, end);
}

/** `--init` puts the init in front; docker's is always called with `--`. */
export function withInit(input: SpecInput): string[] {
  return input.initPath && input.namespaces.pid === 'private' ? [initDestination, '--', ...input.args] : input.args;
}

export function rlimits(ulimits: HostConfig['Ulimits'] | null): Rlimit[] {
  return (ulimits ?? []).map((limit) => ({
    type: `RLIMIT_${(limit.Name ?? '').toUpperCase()}`,
    hard: unlimited(limit.Hard ?? 0),
    soft: unlimited(limit.Soft ?? 0),
  }));
}

// RLIM_INFINITY is 2^64-1, which a JavaScript number cannot hold: `encodeSpec` restores the digits.
function unlimited(value: number): number {
  return value < 0 ? 2 ** 64 : value;
}
