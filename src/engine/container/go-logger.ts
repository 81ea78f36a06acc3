import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeMonitorConf } from '../../runtime/io/monitor-conf.ts';
import type { Spec } from '../../runtime/spec/oci.ts';
import { goLogPath, keptLogSettings, type LogConfig } from './log-config.ts';
import { logPathOf } from './monitor-setup.ts';

/**
 * Prepares our monitor to be the logger of a container that Go nerdctl made: containerd's shim starts it for each run,
 * in the bundle's directory. It only logs; nobody tells it of the exit.
 * @param dataStore the data store, as the container's logger URI has it
 */
export async function prepareGoLogger(dataStore: string, namespace: string, id: string, bundle: string): Promise<void> {
  const stateDir = join(dataStore, 'containers', namespace, id);
  const config = JSON.parse(readFileSync(join(stateDir, 'log-config.json'), 'utf8')) as LogConfig;
  const { driver, maxSize, maxFile } = keptLogSettings(config);
  const tty = hasTerminal(bundle);
  if (driver === 'none') return writeMonitorConf(stateDir, { driver, tty });
  const logPath = goLogPath(config) ?? logPathOf({ id }, stateDir);
  await writeMonitorConf(stateDir, { driver, tty, logPath, ...(maxSize ? { maxSize } : {}), maxFile });
}

function hasTerminal(bundle: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')) as Spec).process.terminal ?? false;
  } catch {
    return false;
  }
}
