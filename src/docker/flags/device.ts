import { invalid } from '../errors.ts';
import { parseMemory } from '../values/units.ts';

/** An entry of `HostConfig.Devices`. */
export interface DeviceMapping {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
}

/**
 * One value of --device: `host[:container][:rwm]`.
 * @throws DockerError `invalid`
 */
export function parseDevice(value: string): DeviceMapping {
  const parts = value.split(':');
  const [host = '', second, third] = parts;
  if (value === '' || parts.length > 3) throw invalid(`bad format for path: ${value}`);
  const secondIsMode = second !== undefined && parts.length === 2 && isDeviceMode(second);
  const container = second === undefined || secondIsMode ? host : second;
  const mode = secondIsMode ? second : (third ?? 'rwm');
  for (const path of [host, container]) if (!path.startsWith('/')) throw invalid(`${path} is not an absolute path`);
  if (!isDeviceMode(mode)) throw invalid(`bad mode specified: ${mode}`);
  return { PathOnHost: host, PathInContainer: container, CgroupPermissions: mode };
}

function isDeviceMode(text: string): boolean {
  return /^(?!.*(.).*\1)[rwm]{1,3}$/.test(text);
}

/** --blkio-weight-device: `/dev/sda:100`; 0 or 10 to 1000. */
export function parseWeightDevice(value: string): { Path: string; Weight: number } {
  const [Path, text] = splitDevice(value);
  const Weight = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(Weight === 0 || (Weight >= 10 && Weight <= 1000))) throw invalid(`invalid weight for device: ${value}`);
  return { Path, Weight };
}

/** --device-read-bps, --device-write-bps: `/dev/sda:1mb`, bytes a second. */
export function parseThrottleBps(value: string): { Path: string; Rate: number } {
  const [Path, text] = splitDevice(value);
  const format =
    'The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb';
  try {
    return { Path, Rate: parseMemory(text) };
  } catch {
    throw invalid(`invalid rate for device: ${value}. ${format}`);
  }
}

/** --device-read-iops, --device-write-iops: `/dev/sda:1000`, operations a second. */
export function parseThrottleIops(value: string): { Path: string; Rate: number } {
  const [Path, text] = splitDevice(value);
  const format = 'The correct format is <device-path>:<number>. Number must be a positive integer';
  if (!/^\d+$/.test(text)) throw invalid(`invalid rate for device: ${value}. ${format}`);
  return { Path, Rate: Number(text) };
}

function splitDevice(value: string): [path: string, rest: string] {
  const colon = value.indexOf(':');
  if (colon <= 0) throw invalid(`bad format: ${value}`);
  const path = value.slice(0, colon);
  if (!path.startsWith('/dev/')) throw invalid(`bad format for device path: ${value}`);
  return [path, value.slice(colon + 1)];
}
