import { DockerError, isDockerError } from '../../docker/errors.ts';
import { isRpcError } from '../../grpc/status.ts';
import type { Engine } from '../engine.ts';

export interface StartFailure {
  /** Docker's: 127 command not found, 126 not executable, 128 anything else. */
  exitCode: number;
  error: DockerError;
}

/** Why a container did not start, as docker tells it: the runtime's own sentence. */
export function startFailure(error: unknown, { settings: { dataRoot } }: Pick<Engine, 'settings'>): StartFailure {
  const message = isRpcError(error) ? runtimeSentence(error.details) : String((error as Error)?.message ?? error);
  const managed = wrongCgroupManager(message);
  if (managed) return { exitCode: 128, error: new DockerError('system', managed, { cause: error }) };
  const exitCode = exitCodeOf(message);
  if (isDockerError(error)) return { exitCode, error };
  const kind = exitCode === 128 ? 'system' : 'invalid';
  return { exitCode, error: new DockerError(kind, unseenBy(message, dataRoot) ?? message, { cause: error }) };
}

/** The shim looks for the files of a container on the machine; ours may be those of a container that we run in. */
function unseenBy(message: string, dataRoot: string): string | undefined {
  if (!message.includes('no such file or directory')) return undefined;
  // Of a container that a user without root made, the data root is another one.
  const rootOf = (path: string) =>
    path.startsWith(`${dataRoot}/`) ? dataRoot : /^(\/.+)\/[0-9a-f]{8}\/containers\//.exec(path)?.[1];
  const [path] = (message.match(/\/[^\s":]+/g) ?? []).filter((word) => rootOf(word) !== undefined);
  if (path === undefined) return undefined;
  const root = rootOf(path);
  return `containerd does not find ${path}: a nerdctl that runs in a container needs the directory of the machine (-v ${root}:${root})`;
}

/** Only with a --cgroup-manager that was chosen by hand: what is found here is what works. */
function wrongCgroupManager(message: string): string | undefined {
  const hint = 'leave --cgroup-manager out, which finds what works';
  if (/systemd not running on this host/.test(message)) return `no systemd answers that could make cgroups: ${hint}`;
  const [, directory] = /apply cgroup configuration: mkdir (\S+): permission denied/.exec(message) ?? [];
  return directory && `a user without root cannot make the cgroup ${directory}: ${hint}`;
}

/** What docker appends to the shim's sentences, and what containerd's say before them. */
function runtimeSentence(details: string): string {
  return /: unknown$/.test(details) || !/OCI runtime/.test(details) ? details : `${details}: unknown`;
}

function exitCodeOf(message: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file/.test(message)) return 127;
  if (/permission denied|not a directory|is a directory/.test(message)) return 126;
  return 128;
}
