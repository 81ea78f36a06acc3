import { DockerError } from '../../docker/errors.ts';
import { parseMemory } from '../../docker/values/units.ts';
import type { HostConfig } from '../../runtime/spec/input.ts';

/** How a container's output is kept; `log-config.json` of the state directory holds the same for Go nerdctl. */
export interface LogSettings {
  driver: 'json-file' | 'none';
  opts: Record<string, string>;
  /** Bytes; 0 is no limit. */
  maxSize: number;
  maxFile: number;
}

const known = new Set(['max-size', 'max-file']);

/**
 * `--log-driver` and `--log-opt` with docker's checks.
 * @throws DockerError for a driver or an option that we cannot honour
 */
export function logSettings(config: HostConfig['LogConfig']): LogSettings {
  const driver = config?.Type || 'json-file';
  if (driver !== 'json-file' && driver !== 'none') {
    throw new DockerError('invalid', `error looking up logging plugin ${driver}: plugin "${driver}" not found`);
  }
  const opts = config?.Config ?? {};
  const unknown = driver === 'none' ? undefined : Object.keys(opts).find((key) => !known.has(key));
  if (unknown) throw new DockerError('invalid', `unknown log opt '${unknown}' for ${driver} log driver`);
  const maxSize = opts['max-size'] ? parseMaxSize(opts['max-size']) : 0;
  const maxFile = opts['max-file'] ? Number(opts['max-file']) : 1;
  if (!Number.isInteger(maxFile) || maxFile < 1) {
    throw new DockerError('invalid', `max-file cannot be less than 1: ${opts['max-file']}`);
  }
  if (maxFile > 1 && maxSize === 0) {
    throw new DockerError(
      'invalid',
      'max-size should be set when max-file is set: a log without a size limit is never rotated',
    );
  }
  return { driver, opts, maxSize, maxFile };
}

function parseMaxSize(text: string): number {
  try {
    return parseMemory(text);
  } catch (error) {
    throw new DockerError('invalid', `failed to initialize logging driver: ${(error as Error).message}`);
  }
}

/** `log-config.json`, and the label of the same content. */
export interface LogConfig {
  driver?: string;
  opts?: Record<string, string>;
}

/** What was accepted once, perhaps by Go nerdctl: its options that we do not know, or that contradict, do no harm. */
export function keptLogSettings({ driver = 'json-file', opts = {} }: LogConfig = {}): LogSettings {
  const entries = Object.entries(opts).filter(([key]) => known.has(key) && (opts['max-size'] || key !== 'max-file'));
  return logSettings({ Type: driver, Config: Object.fromEntries(entries) });
}

/** Its json-file driver lets the user choose the file. */
export function goLogPath(config: LogConfig | undefined): string | undefined {
  return config?.opts?.['log-path'] || undefined;
}
