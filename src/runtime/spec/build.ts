import { DockerError } from '../../docker/errors.ts';
import { effectiveCapabilities } from './capabilities.ts';
import type { SpecInput } from './input.ts';
import { specMounts } from './mounts.ts';
import { specNamespaces, specSysctls } from './namespaces.ts';
import type { Linux, Process, Seccomp, Spec } from './oci.ts';
import { rlimits, withInit } from './process.ts';
import { cgroupsPath, specResources } from './resources.ts';
import { customSeccomp, defaultSeccomp } from './seccomp.ts';
import { appArmorProfile, maskedPaths, parseSecurityOptions, readonlyPaths, type SecurityOptions } from './security.ts';

/** config.json of a container, with docker's defaults. Pure: all that the machine has to say is in the input. */
export function buildSpec(input: SpecInput): Spec {
  const security = parseSecurityOptions(input.hostConfig.SecurityOpt);
  const capabilities = effectiveCapabilities(input.hostConfig, input.machine.capabilities);
  const spec: Spec = {
    ociVersion: '1.0.2',
    process: specProcess(input, security, capabilities),
    root: { path: input.rootfs, ...(input.hostConfig.ReadonlyRootfs ? { readonly: true } : {}) },
    mounts: specMounts(input),
    linux: specLinux(input, security, capabilities),
  };
  if (input.namespaces.uts === 'private' && input.hostname) spec.hostname = input.hostname;
  const annotations = { ...input.annotations, ...input.hostConfig.Annotations };
  if (Object.keys(annotations).length > 0) spec.annotations = annotations;
  return spec;
}

function specProcess(input: SpecInput, security: SecurityOptions, capabilities: string[]): Process {
  const process: Process = {
    user: { ...input.user },
    args: withInit(input),
    env: input.env,
    cwd: input.cwd,
    // The kernel clears the effective set of a non-root user at execve anyway; docker does not even name it.
    capabilities:
      input.user.uid === 0
        ? { bounding: capabilities, effective: capabilities, permitted: capabilities }
        : { bounding: capabilities },
    oomScoreAdj: Math.max(input.hostConfig.OomScoreAdj ?? 0, input.machine.minOomScoreAdj ?? -1000),
  };
  if (input.tty) process.terminal = true;
  const [height, width] = input.hostConfig.ConsoleSize ?? [];
  if (input.tty && height && width) process.consoleSize = { height, width };
  const limits = rlimits(input.hostConfig.Ulimits);
  if (limits.length > 0) process.rlimits = limits;
  if (security.noNewPrivileges) process.noNewPrivileges = true;
  const profile = appArmorProfile(input, security);
  if (profile) process.apparmorProfile = profile;
  return process;
}

function specLinux(input: SpecInput, security: SecurityOptions, capabilities: string[]): Linux {
  const linux: Linux = {
    sysctl: specSysctls(input),
    resources: specResources(input),
    cgroupsPath: cgroupsPath(input),
    namespaces: specNamespaces(input),
    maskedPaths: maskedPaths(input, security),
    readonlyPaths: readonlyPaths(input, security),
  };
  // See boundDevices of mounts.ts for the others.
  const made = input.devices.filter(({ source, device }) => !input.machine.rootless || source === device.path);
  if (made.length > 0) linux.devices = made.map((entry) => entry.device);
  const seccomp = specSeccomp(input, security, capabilities);
  if (seccomp) linux.seccomp = seccomp;
  const propagation = rootPropagation(input);
  if (propagation) linux.rootfsPropagation = propagation;
  return linux;
}

function specSeccomp(input: SpecInput, security: SecurityOptions, capabilities: string[]): Seccomp | undefined {
  const { seccomp } = security;
  if (!input.machine.seccompEnabled) {
    if (seccomp === undefined || seccomp === 'unconfined') return undefined;
    throw new DockerError('invalid', 'seccomp is not enabled in your kernel, cannot run a custom seccomp profile');
  }
  // A privileged container is unconfined even when a profile is named.
  if (input.hostConfig.Privileged || seccomp === 'unconfined') return undefined;
  if (seccomp === undefined || seccomp === 'builtin') return defaultSeccomp(capabilities, input.machine);
  return customSeccomp(seccomp, capabilities, input.machine);
}

/** Slave and shared mounts get through to the container only if its root is at least that open. */
function rootPropagation(input: SpecInput): string | undefined {
  const options = new Set(input.mounts.flatMap((mount) => mount.options));
  if (options.has('shared') || options.has('rshared')) return 'shared';
  if (options.has('slave') || options.has('rslave')) return 'rslave';
  return undefined;
}

/**
 * The spec as containerd stores it. RLIM_INFINITY, which JSON.stringify rounds up beyond 64 bits, gets its digits back.
 */
export function encodeSpec(spec: Spec): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(spec).replaceAll(':18446744073709552000', ':18446744073709551615'));
}
