import { DockerError } from '../../docker/errors.ts';
import type { Machine } from './input.ts';
import type { Seccomp, SeccompSyscall } from './oci.ts';
import { defaultRules, type ProfileFilter, type ProfileRule } from './seccomp-profile.ts';

/** Node's `process.arch` → Go's name and seccomp's, the native one first, then those whose programs run there too. */
const architectures: Record<string, { go: string; seccomp: string[] }> = {
  x64: { go: 'amd64', seccomp: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
  arm64: { go: 'arm64', seccomp: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'] },
  arm: { go: 'arm', seccomp: ['SCMP_ARCH_ARM'] },
  ia32: { go: '386', seccomp: ['SCMP_ARCH_X86'] },
  ppc64: { go: 'ppc64le', seccomp: ['SCMP_ARCH_PPC64LE'] },
  s390x: { go: 's390x', seccomp: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'] },
  riscv64: { go: 'riscv64', seccomp: ['SCMP_ARCH_RISCV64'] },
  loong64: { go: 'loong64', seccomp: ['SCMP_ARCH_LOONGARCH64'] },
};

type Where = Pick<Machine, 'arch' | 'kernelRelease'>;

/** docker's default profile for a capability set. */
export function defaultSeccomp(capabilities: readonly string[], where: Where): Seccomp {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    ...nativeArchitectures(where.arch),
    syscalls: compile(defaultRules, capabilities, where),
  };
}

interface Profile {
  defaultAction?: string;
  defaultErrnoRet?: number;
  architectures?: string[];
  archMap?: { architecture: string; subArchitectures?: string[] | null }[];
  flags?: string[];
  syscalls?: (ProfileRule & { name?: string })[] | null;
}

/**
 * A profile file in docker's format or in the OCI's.
 * @throws DockerError when it is not one
 */
export function customSeccomp(text: string, capabilities: readonly string[], where: Where): Seccomp | undefined {
  const profile = parse(text);
  if (!profile.defaultAction) {
    if (!profile.syscalls?.length) return undefined;
    throw new DockerError('invalid', 'Decoding seccomp profile failed: the profile has no defaultAction');
  }
  if (profile.architectures?.length && profile.archMap?.length) {
    throw new DockerError(
      'invalid',
      "'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'",
    );
  }
  const rules = (profile.syscalls ?? []).map((rule) => {
    if (rule.name && rule.names?.length) {
      throw new DockerError(
        'invalid',
        "'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'",
      );
    }
    return rule.name ? { ...rule, names: [rule.name] } : rule;
  });
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    ...mappedArchitectures(profile, where.arch),
    ...(profile.flags ? { flags: profile.flags } : {}),
    syscalls: compile(rules, capabilities, where),
  };
}

function parse(text: string): Profile {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    throw new DockerError('invalid', `Decoding seccomp profile failed: ${(cause as Error).message}`, { cause });
  }
  throw new DockerError('invalid', 'Decoding seccomp profile failed: the file does not hold a JSON object');
}

function nativeArchitectures(arch: string): Pick<Seccomp, 'architectures'> {
  const names = architectures[arch]?.seccomp;
  return names ? { architectures: names } : {};
}

function mappedArchitectures(profile: Profile, arch: string): Pick<Seccomp, 'architectures'> {
  if (profile.architectures?.length) return { architectures: profile.architectures };
  const native = architectures[arch]?.seccomp[0];
  const entry = profile.archMap?.find((candidate) => candidate.architecture === native);
  return entry ? { architectures: [entry.architecture, ...(entry.subArchitectures ?? [])] } : {};
}

function compile(rules: readonly ProfileRule[], capabilities: readonly string[], where: Where): SeccompSyscall[] {
  const arch = architectures[where.arch]?.go ?? where.arch;
  const kernel = where.kernelRelease;
  return rules
    .filter(({ includes, excludes }) => {
      if (includes?.arches?.length && !includes.arches.includes(arch)) return false;
      if (includes?.caps?.some((cap) => !capabilities.includes(cap))) return false;
      if (includes?.minKernel && !atLeast(kernel, includes.minKernel)) return false;
      return !matches(excludes, capabilities, arch, kernel);
    })
    .map(({ names, action, errnoRet, args }) => ({
      names,
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(args?.length ? { args } : {}),
    }));
}

function matches(filter: ProfileFilter | undefined, capabilities: readonly string[], arch: string, kernel?: string) {
  if (!filter) return false;
  if (filter.arches?.includes(arch)) return true;
  if (filter.caps?.some((cap) => capabilities.includes(cap))) return true;
  return filter.minKernel !== undefined && filter.minKernel !== '' && atLeast(kernel, filter.minKernel);
}

function atLeast(release: string | undefined, wanted: string): boolean {
  if (release === undefined) return true;
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [major = 0, minor = 0] = numbers(release);
  const [wantedMajor = 0, wantedMinor = 0] = numbers(wanted);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
