import { release } from 'node:os';
import { hostPlatform } from '../../host/platform.ts';
import type { Engine } from '../engine.ts';

/** The version of the Docker Engine API whose shapes the engine speaks. */
export const apiVersion = '1.47';
export const minApiVersion = '1.24';

export interface Component {
  Name: string;
  Version: string;
  Details: Record<string, string>;
}

/** `GET /version`; the engine is containerd, so its version is the server's. */
export interface ServerVersion {
  Platform: { Name: string };
  Version: string;
  ApiVersion: string;
  MinAPIVersion: string;
  GitCommit: string;
  Os: string;
  Arch: string;
  KernelVersion: string;
  Components: Component[];
}

/** @param components false leaves Components with containerd alone, for callers who do not look: runc takes a process */
export async function serverVersion(engine: Engine, components = true): Promise<ServerVersion> {
  const [containerd, runc] = await Promise.all([
    engine.containerd.version(),
    components ? import('./runc.ts').then(({ runcVersion }) => runcVersion(engine)) : undefined,
  ]);
  const { os, architecture } = hostPlatform();
  const list = [{ Name: 'containerd', Version: containerd.version, Details: { GitCommit: containerd.revision } }];
  if (runc) list.push({ Name: 'runc', Version: runc.version, Details: { GitCommit: runc.commit } });
  return {
    Platform: { Name: 'containerd' },
    Version: containerd.version,
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: containerd.revision,
    Os: os,
    Arch: architecture,
    KernelVersion: release(),
    Components: list,
  };
}
