import { existsSync } from 'node:fs';
import { DockerError } from '../../docker/errors.ts';
import { findExecutable, pathDirs } from '../../host/executables.ts';
import { runcOptions } from '../../runtime/any.ts';
import type { HostConfig } from '../../runtime/spec/input.ts';
import type { Engine } from '../engine.ts';

const defaultRuntime = 'io.containerd.runc.v2';

/** The runtime of a container record. `--runtime` takes a shim's name, or the name or path of a runc-like program. */
export function runtimeOf(engine: Engine, hostConfig: HostConfig) {
  const asked = hostConfig.Runtime ?? '';
  const systemdCgroup = engine.settings.cgroupManager === 'systemd';
  if (/^io\.containerd\.[\w.-]+\.v\d+$/.test(asked) && asked !== defaultRuntime) {
    return { name: asked, options: undefined };
  }
  const binaryName = asked === defaultRuntime || asked === 'runc' ? '' : asked;
  if (binaryName && !(/^[\w./-]+$/.test(binaryName) && isProgram(binaryName))) {
    throw new DockerError('invalid', `unknown or invalid runtime name: ${asked}`);
  }
  return { name: defaultRuntime, options: runcOptions({ systemdCgroup, binaryName }) };
}

/** The shim looks in containerd's PATH, which is ours or has less. */
function isProgram(name: string): boolean {
  if (name.includes('/')) return existsSync(name);
  const dirs = [...pathDirs(process.env.PATH), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return findExecutable(name, dirs) !== undefined;
}
