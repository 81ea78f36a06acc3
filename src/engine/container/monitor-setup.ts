import { join } from 'node:path';
import { removeFile } from '../../host/files.ts';
import { selfCommand } from '../../host/program.ts';
import type { Container } from '../../runtime/containers.ts';
import { type MonitorConf, monitorUri, writeMonitorConf } from '../../runtime/io/monitor-conf.ts';
import type { Engine } from '../engine.ts';
import { jsonLabel, label } from './labels.ts';
import { type LogSettings, logSettings } from './log-config.ts';
import { restartBackoff, restartPolicyOf } from './restart-policy.ts';

/** The URIs and paths for Tasks.Create, and whether the monitor has to be started by us, on FIFOs. */
export interface TaskStdio {
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
  startMonitor: boolean;
}

export interface StdioWish {
  tty: boolean;
  openStdin: boolean;
  /** The delay before the next restart, milliseconds: doubles with each quick exit. */
  restartDelay: number;
}

/**
 * Prepares a run's monitor: its configuration, and FIFOs where it is to get stdin. The shim starts the monitor as its
 * logger, except for a container with stdin and no terminal: a logger of the shim's gets no stdin then.
 */
export async function setUpMonitor(
  engine: Engine,
  container: Container,
  stateDir: string,
  wish: StdioWish,
): Promise<TaskStdio> {
  const fifo = (name: string) => join(stateDir, name);
  const startMonitor = wish.openStdin && !wish.tty;
  const names = startMonitor ? ['stdin', 'stdout', 'stderr'] : wish.openStdin ? ['stdin'] : [];
  const conf: MonitorConf = {
    ...logConf(container, stateDir),
    tty: wish.tty,
    ...Object.fromEntries(names.map((name) => [name, fifo(name)])),
    exec: [...selfCommand(), ...engine.settings.nonDefaultArgs, 'internal', 'exited', container.id],
    ...restartConf(container, wish.restartDelay),
  };
  await Promise.all([writeMonitorConf(stateDir, conf), ...names.map((name) => freshFifo(engine, fifo(name)))]);
  const uri = monitorUri(stateDir);
  return {
    stdin: wish.openStdin ? fifo('stdin') : '',
    stdout: startMonitor ? fifo('stdout') : uri,
    stderr: wish.tty ? '' : startMonitor ? fifo('stderr') : uri,
    terminal: wish.tty,
    startMonitor,
  };
}

/** A FIFO of an earlier run may still have a writer. */
async function freshFifo(engine: Engine, path: string): Promise<void> {
  await removeFile(path);
  await engine.host.mkfifo(path, 0o600);
}

function logConf(
  container: Container,
  stateDir: string,
): Pick<MonitorConf, 'driver' | 'logPath' | 'maxSize' | 'maxFile'> {
  const { driver, maxSize, maxFile } = logSettingsOf(container);
  if (driver === 'none') return { driver };
  return { driver, logPath: logPathOf(container, stateDir), ...(maxSize ? { maxSize } : {}), maxFile };
}

/** The log of the json-file driver. */
export function logPathOf(container: Pick<Container, 'id'>, stateDir: string): string {
  return join(stateDir, `${container.id}-json.log`);
}

export function logSettingsOf(container: Container): LogSettings {
  const config = jsonLabel<{ driver?: string; opts?: Record<string, string> }>(container.labels, label.logConfig);
  return logSettings({ Type: config?.driver ?? 'json-file', Config: config?.opts ?? {} });
}

function restartConf(container: Container, delay: number): Pick<MonitorConf, 'restart'> {
  if (restartPolicyOf(container.labels).Name === 'no') return {};
  const { first, resetAfter } = restartBackoff;
  return { restart: { delayMs: delay, resetAfterMs: resetAfter, firstDelayMs: first } };
}
