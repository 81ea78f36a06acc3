import { join } from 'node:path';
import { monitorPath, selfCommand } from '../../host/program.ts';
import { rootlessEnvironment } from '../../rootless/rootless.ts';
import type { Container } from '../../runtime/containers.ts';
import { planStdio, prepareStdio, type StdioPlan } from '../../runtime/io/container-stdio.ts';
import type { MonitorConf } from '../../runtime/io/monitor-conf.ts';
import type { Engine } from '../engine.ts';
import { jsonLabel, label } from './labels.ts';
import { goLogPath, keptLogSettings, type LogConfig, type LogSettings } from './log-config.ts';
import { restartBackoff, restartPolicyOf } from './restart-policy.ts';

export interface RunWish {
  tty: boolean;
  openStdin: boolean;
  /** The delay before the next restart, milliseconds: doubles with each quick exit. */
  restartDelay: number;
}

/** Prepares the monitor and the FIFOs of a run; the plan is for Tasks.Create, and for `removeStdio` afterwards. */
export async function setUpMonitor(
  engine: Engine,
  container: Container,
  stateDir: string,
  wish: RunWish,
): Promise<StdioPlan> {
  const { dataRoot, nonDefaultArgs } = engine.settings;
  const monitor = monitorPath(dataRoot);
  const plan = planStdio(stateDir, { tty: wish.tty, stdin: wish.openStdin }, monitor);
  const conf = {
    ...logConf(container, stateDir),
    exec: [...selfCommand(dataRoot), ...nonDefaultArgs, 'internal', 'exited', container.id],
    ...restartConf(container, wish.restartDelay),
    ...(engine.rootless && { env: rootlessEnvironment(process.env) }),
  };
  await prepareStdio(engine.host, stateDir, plan, conf, monitor);
  return plan;
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
export function logPathOf({ id, labels = {} }: { id: string; labels?: Container['labels'] }, stateDir: string): string {
  const config = jsonLabel<LogConfig>(labels, label.logConfig);
  return goLogPath(config) ?? join(stateDir, `${id}-json.log`);
}

export function logSettingsOf(container: Container): LogSettings {
  return keptLogSettings(jsonLabel<LogConfig>(container.labels, label.logConfig));
}

function restartConf(container: Container, delay: number): Pick<MonitorConf, 'restart'> {
  if (restartPolicyOf(container.labels).Name === 'no') return {};
  const { first, resetAfter } = restartBackoff;
  return { restart: { delayMs: delay, resetAfterMs: resetAfter, firstDelayMs: first } };
}
