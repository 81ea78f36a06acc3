import { bytesSize } from '../../docker/values/units.ts';
import type { SystemInfo } from '../../engine/system/info.ts';
import type { NativeInfo } from '../../engine/system/native-info.ts';

/** Docker's layout of `info`, below its `Server:`. */
export function serverInfoText(info: SystemInfo): string {
  const lines = [
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ` Logging Driver: ${info.LoggingDriver}`,
    ` Cgroup Driver: ${info.CgroupDriver}`,
    ` Cgroup Version: ${info.CgroupVersion}`,
    ' Plugins:',
    `  Volume: ${info.Plugins.Volume.join(' ')}`,
    `  Network: ${info.Plugins.Network.join(' ')}`,
    `  Log: ${info.Plugins.Log.join(' ')}`,
    `  Storage: ${info.Plugins.Storage.join(' ')}`,
    ` Swarm: ${info.Swarm.LocalNodeState}`,
    ` Runtimes: ${Object.keys(info.Runtimes).join(' ')}`,
    ` Default Runtime: ${info.DefaultRuntime}`,
    ` containerd version: ${info.ContainerdCommit.ID}`,
    ` runc version: ${info.RuncCommit.ID}`,
    ' Security Options:',
    ...info.SecurityOptions.flatMap(securityLines),
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` OSType: ${info.OSType}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${bytesSize(info.MemTotal)}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Debug Mode: ${info.Debug}`,
    ` Experimental: ${info.ExperimentalBuild}`,
  ];
  return `${lines.join('\n')}\n\n`;
}

/** `name=seccomp,profile=builtin` as two lines. */
function securityLines(option: string): string[] {
  const fields = option.split(',').map((field) => field.split('=') as [key: string, value: string]);
  return fields.map(([key, value]) =>
    key === 'name' ? `  ${value}` : `   ${key[0]?.toUpperCase()}${key.slice(1)}: ${value}`,
  );
}

export function nativeInfoText(info: NativeInfo): string {
  const { Version, Server, Plugins } = info.Daemon;
  const list = (usable: boolean) => Plugins.filter((p) => p.Usable === usable).map((p) => ` - ${p.Type}.${p.ID}\n`);
  return [
    `Namespace:          ${info.Namespace}\n`,
    `Snapshotter:        ${info.Snapshotter}\n`,
    `Cgroup Manager:     ${info.CgroupManager}\n`,
    `Rootless:           ${info.Rootless}\n`,
    `containerd Version: ${Version.Version} (${Version.Revision})\n`,
    `containerd UUID:    ${Server.UUID}\n`,
    'containerd Plugins:\n',
    ...list(true),
    'containerd Plugins (disabled):\n',
    ...list(false),
  ].join('');
}
