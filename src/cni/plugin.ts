import { DockerError } from '../docker/errors.ts';
import { findExecutable, pathDirs } from '../host/executables.ts';
import { type NetworkSide, runInNetwork, withSbin } from './network-side.ts';

export type CniCommand = 'ADD' | 'DEL';

/** The environment of one invocation (CNI spec, section 2). */
export interface PluginCall {
  command: CniCommand;
  containerId: string;
  /** Empty on DEL when the namespace is gone. */
  netns: string;
  ifName: string;
  args: readonly (readonly [string, string])[];
}

export interface PluginHost extends NetworkSide {
  /** `CNI_PATH`: directories separated by colons. */
  path: string;
  /** Milliseconds one plugin may take. */
  timeout: number;
  /** libcni's cache, where it is not the common one. */
  cacheDir?: string;
}

/** An error that a plugin reported; its DockerError has it as `cause`. */
export interface PluginFailure {
  code: number;
  msg: string;
  details?: string;
}

/** @throws DockerError `system`: what is missing, where it was searched, which package has it */
export function findPlugin(type: string, path: string): string {
  const dirs = pathDirs(path);
  const file = findExecutable(type, dirs);
  if (file !== undefined) return file;
  throw new DockerError(
    'system',
    `CNI plugin "${type}" not found in ${dirs.join(', ') || 'an empty --cni-path'}: ` +
      'install the package containernetworking-plugins, or name the directory of the plugins with --cni-path',
  );
}

/**
 * Runs one plugin: the configuration on its stdin, the result on its stdout.
 * @returns the parsed stdout, undefined where it is empty
 * @throws DockerError `system` with what the plugin said, or that it hung, was killed or answered with no JSON
 */
export async function runPlugin(
  host: PluginHost,
  conf: { type: string } & Record<string, unknown>,
  call: PluginCall,
  signal?: AbortSignal,
): Promise<unknown> {
  const program = findPlugin(conf.type, host.path);
  const what = `CNI plugin "${conf.type}" (${program})`;
  const result = await runInNetwork(host, program, [], {
    input: JSON.stringify(conf),
    timeout: host.timeout,
    cwd: '/',
    signal,
    env: environment(host, call),
  }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ETIMEDOUT') {
      throw new DockerError(
        'system',
        `${what} did not answer to ${call.command} within ${host.timeout / 1000} seconds and was killed`,
        { cause },
      );
    }
    if (signal?.aborted) throw signal.reason;
    throw new DockerError('system', `${what} cannot be started: ${cause.message}`, { cause });
  });
  const text = result.stdout.toString('utf8').trim();
  const output = parseOutput(text);
  if (result.code === 0) {
    if (text !== '' && output === undefined) throw brokenOutput(what, call.command, text);
    return output;
  }
  const failure = asFailure(output);
  if (failure) {
    const message = failure.details ? `${failure.msg}: ${failure.details}` : failure.msg;
    throw new DockerError('system', `CNI plugin "${conf.type}" failed: ${message}`, { cause: failure });
  }
  const said = oneLine(result.stderr.toString('utf8')) || oneLine(text);
  const end = result.signal ? `was killed by ${result.signal}` : `exited with code ${result.code}`;
  throw new DockerError('system', `${what} ${end} on ${call.command}${said ? `: ${said}` : ''}`);
}

function environment(host: PluginHost, call: PluginCall): NodeJS.ProcessEnv {
  return {
    PATH: withSbin(process.env.PATH),
    CNI_COMMAND: call.command,
    CNI_CONTAINERID: call.containerId,
    CNI_NETNS: call.netns,
    CNI_IFNAME: call.ifName,
    CNI_ARGS: call.args.map(([key, value]) => `${key}=${value}`).join(';'),
    CNI_PATH: host.path,
  };
}

function parseOutput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asFailure(output: unknown): PluginFailure | undefined {
  const failure = output as Partial<PluginFailure> | undefined | null;
  if (typeof failure !== 'object' || failure === null || typeof failure.msg !== 'string') return undefined;
  return {
    code: Number(failure.code ?? 0),
    msg: oneLine(failure.msg),
    details: failure.details ? oneLine(String(failure.details)) : undefined,
  };
}

function brokenOutput(what: string, command: CniCommand, text: string): DockerError {
  return new DockerError('system', `${what} answered to ${command} with something that is not JSON: ${oneLine(text)}`);
}

function oneLine(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}
