import { join } from 'node:path';
import { writeFileAtomic } from '../../host/files.ts';

/** What the monitor of one container knows, see docs/monitor.md. */
export interface MonitorConf {
  driver: 'json-file' | 'none';
  /** Of the json-file driver: an absolute path. */
  logPath?: string;
  /** Bytes; undefined = never rotate. */
  maxSize?: number;
  /** Files kept, the current one included. */
  maxFile?: number;
  tty?: boolean;
  /** FIFO that the monitor writes the input of clients to. */
  stdin?: string;
  /** FIFOs that it reads, if it is not the shim's logger. */
  stdout?: string;
  stderr?: string;
  /** argv of the command that deals with an exit that nobody else has promised to deal with. */
  exec?: string[];
  /** Added to the environment of `exec`. */
  env?: Record<string, string>;
  /** How long after the exit `exec` is started, in milliseconds. */
  restart?: { delayMs: number; resetAfterMs: number; firstDelayMs: number };
}

/**
 * The logger URI for Tasks.Create: the shim makes arguments out of the query.
 * @param program the monitor's path, as the shim sees it
 */
export function monitorUri(stateDir: string, program: string): string {
  return `binary://${encodeURI(program)}?dir=${encodeURIComponent(stateDir)}`;
}

/** Read when the monitor starts and again at the exit, so that changing it at any time is safe. */
export async function writeMonitorConf(stateDir: string, conf: MonitorConf): Promise<void> {
  await writeFileAtomic(join(stateDir, 'monitor.conf'), formatMonitorConf(conf), 0o600);
}

export function formatMonitorConf(conf: MonitorConf): string {
  const { restart } = conf;
  const entries: [string, string | number | undefined][] = [
    ['driver', conf.driver],
    ['log', conf.logPath],
    ['max-size', conf.maxSize],
    ['max-file', conf.maxFile],
    ['tty', conf.tty ? 1 : undefined],
    ['stdin', conf.stdin],
    ['stdout', conf.stdout],
    ['stderr', conf.stderr],
    ['restart-delay-ms', restart?.delayMs],
    ['restart-reset-after-ms', restart?.resetAfterMs],
    ['restart-first-delay-ms', restart?.firstDelayMs],
    ...Object.entries(conf.env ?? {}).map(([k, v]): [string, string] => ['env', `${k}=${v}`]),
    ...(conf.exec ?? []).map((arg): [string, string] => ['exec', arg]),
  ];
  return entries
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${escapeValue(String(value))}\n`)
    .join('');
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
