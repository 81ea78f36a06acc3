import { DockerError } from '../../docker/errors.ts';
import type { SpecInput } from './input.ts';

const masked = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

const readonly = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** What `--security-opt` asked for. */
export interface SecurityOptions {
  /** `unconfined`, `builtin`, or the profile's JSON. */
  seccomp?: string;
  apparmor?: string;
  noNewPrivileges: boolean;
  unconfinedPaths: boolean;
}

/** @throws DockerError on options that docker does not know */
export function parseSecurityOptions(options: readonly string[] | null | undefined): SecurityOptions {
  const result: SecurityOptions = { noNewPrivileges: false, unconfinedPaths: false };
  for (const option of options ?? []) {
    const [, key = option, value] = /^([^=:]*)[=:](.*)$/s.exec(option) ?? [];
    if (value === undefined) {
      if (key === 'no-new-privileges') result.noNewPrivileges = true;
      else if (key !== 'disable') throw invalid(option);
    } else if (key === 'seccomp') result.seccomp = value;
    else if (key === 'apparmor') result.apparmor = value;
    else if (key === 'no-new-privileges') result.noNewPrivileges = boolean(value, option);
    else if (key === 'systempaths' && value === 'unconfined') result.unconfinedPaths = true;
    else if (key !== 'label') throw invalid(option);
  }
  return result;
}

function boolean(value: string, option: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw invalid(option);
}

function invalid(option: string): DockerError {
  return new DockerError('invalid', `invalid --security-opt 2: "${option}"`);
}

export function maskedPaths(input: SpecInput, security: SecurityOptions): string[] {
  if (input.hostConfig.Privileged || security.unconfinedPaths) return [];
  return input.hostConfig.MaskedPaths ?? [...masked];
}

export function readonlyPaths(input: SpecInput, security: SecurityOptions): string[] {
  if (input.hostConfig.Privileged || security.unconfinedPaths) return [];
  return input.hostConfig.ReadonlyPaths ?? [...readonly];
}

/** The profile to confine the process with; none when the kernel has AppArmor off. */
export function appArmorProfile(input: SpecInput, security: SecurityOptions): string | undefined {
  const { apparmor } = input.machine;
  if (!apparmor) return undefined;
  if (security.apparmor) return security.apparmor;
  return input.hostConfig.Privileged ? 'unconfined' : apparmor.defaultProfile;
}
