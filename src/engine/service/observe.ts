import { readPidFile } from '../../host/pid-file.ts';
import { unitOf } from '../../host/systemd.ts';
import { isListening, listenerOf } from '../../host/unix-socket.ts';
import type { DaemonPlan } from './daemons.ts';

export interface DaemonState {
  /** Somebody accepts connections at its socket. */
  answers: boolean;
  /** Undefined where it does not run, or where its process cannot be seen from here. */
  pid?: number;
  /** It was started by `nerdctl system start`. */
  ours: boolean;
  /** The unit of systemd that it belongs to. */
  unit?: string;
}

export async function observeDaemon(plan: DaemonPlan): Promise<DaemonState> {
  const own = readPidFile(plan.pidFile);
  const answers = await isListening(plan.socket);
  const listener = answers ? listenerOf(plan.socket) : undefined;
  // One of ours that hangs, or has lost its socket to another, is still ours to end.
  if (own !== undefined && (listener === undefined || listener === own)) return { answers, pid: own, ours: true };
  if (!answers) return { answers, ours: false };
  return { answers, pid: listener, ours: false, unit: listener === undefined ? undefined : unitOf(listener) };
}

/** `process 4711 of containerd.service` */
export function whoseProcess({ pid, unit }: DaemonState): string {
  const process = pid === undefined ? 'a process that cannot be seen from here' : `process ${pid}`;
  return unit === undefined ? process : `${process} of ${unit}`;
}
