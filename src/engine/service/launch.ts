import { dirname } from 'node:path';
import { DockerError } from '../../docker/errors.ts';
import { startDaemon } from '../../host/daemon.ts';
import { ensureDir, removeFile } from '../../host/files.ts';
import { writePidFile } from '../../host/pid-file.ts';
import { endProcess } from '../../host/proc.ts';
import { untilListening } from '../../host/unix-socket.ts';
import { type DaemonPlan, daemonEnvironment, type Env } from './daemons.ts';

/** Milliseconds that a daemon may take until it answers: one with much to look through takes its time. */
const patience = 60_000;

/**
 * Starts a daemon and waits until it answers. One that does not is ended.
 * @throws DockerError with the last lines of its log
 */
export async function launchDaemon(plan: DaemonPlan, program: string, env: Env, signal: AbortSignal): Promise<number> {
  const { name, socket, log, pidFile } = plan;
  // Its own mode for it; watched for the socket.
  await ensureDir(dirname(socket), 0o711);
  const daemon = await startDaemon(program, plan.args, { env: daemonEnvironment(env), log });
  await writePidFile(pidFile, daemon.pid);
  const failure = new AbortController();
  const late = AbortSignal.timeout(patience);
  let how = `does not answer at ${socket} after ${patience / 1000} s`;
  void daemon.ended.then((words) => {
    how = `ended as soon as it was started (${words})`;
    failure.abort();
  });
  try {
    await untilListening(socket, AbortSignal.any([failure.signal, late, signal]));
    return daemon.pid;
  } catch (error) {
    await endProcess(daemon.pid, 2_000);
    await removeFile(pidFile);
    if (signal.aborted || !(failure.signal.aborted || late.aborted)) throw error;
    throw new DockerError('unavailable', `${name} ${how}. Its log, ${log}, ends with:\n${daemon.lastWords(10)}`);
  }
}
