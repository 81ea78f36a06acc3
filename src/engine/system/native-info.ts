import type { Engine } from '../engine.ts';

/** containerd's own view of itself, in the fields of Go nerdctl's `info --mode=native`. */
export interface NativeInfo {
  Namespace: string;
  Snapshotter: string;
  CgroupManager: string;
  Rootless: boolean;
  Daemon: {
    Version: { Version: string; Revision: string };
    Server: { UUID: string };
    Plugins: { Type: string; ID: string; Usable: boolean }[];
  };
}

export async function nativeInfo({ settings, containerd, rootless }: Engine): Promise<NativeInfo> {
  const [version, server, plugins] = await Promise.all([
    containerd.version(),
    containerd.introspection.server(),
    containerd.introspection.plugins(),
  ]);
  return {
    Namespace: settings.namespace,
    Snapshotter: settings.snapshotter,
    CgroupManager: settings.cgroupManager,
    Rootless: rootless !== undefined,
    Daemon: {
      Version: { Version: version.version, Revision: version.revision },
      Server: { UUID: server.uuid },
      Plugins: plugins
        .map(({ type, id, initErr }) => ({ Type: type, ID: id, Usable: !initErr }))
        .sort((a, b) => (`${a.Type}.${a.ID}` < `${b.Type}.${b.ID}` ? -1 : 1)),
    },
  };
}
