import { dataStoreRoot } from '../host/data-store.ts';
import type { HostHelper } from '../host/helper.ts';
import { monitorCommand } from '../host/program.ts';
import { type Rootless, rootlessFacts } from '../rootless/rootless.ts';
import { connectContainerd } from '../runtime/containerd.ts';
import type { Engine } from './engine.ts';
import { type DataStore, dataStore } from './paths.ts';
import type { Settings } from './settings.ts';

export interface OpenEngine {
  engine: Engine;
  /** Ends the connection and the helper process, whatever is still pending on them. */
  close(): void;
}

/** Nothing is dialled or started before its first use. */
export function openEngine(settings: Settings, signal: AbortSignal): OpenEngine {
  const { address, namespace, dataRoot } = settings;
  const containerd = connectContainerd({ address, namespace, signal });
  const host = lazyHost();
  let store: DataStore | undefined;
  let rootless: { facts?: Rootless } | undefined;
  return {
    engine: {
      settings,
      containerd,
      host,
      signal,
      get store() {
        store ??= dataStore(dataStoreRoot(dataRoot, address), namespace);
        return store;
      },
      get rootless() {
        rootless ??= { facts: rootlessFacts() };
        return rootless.facts;
      },
    },
    close() {
      containerd.close();
      host.close();
    },
  };
}

/** Most commands need neither the helper nor the code that starts it. */
function lazyHost(): HostHelper {
  let helper: Promise<HostHelper> | undefined;
  const start = () => {
    helper ??= import('../host/helper-process.ts').then(({ startHostHelper }) => startHostHelper(...monitorCommand()));
    return helper;
  };
  return {
    lock: async (...args) => (await start()).lock(...args),
    createNetns: async (...args) => (await start()).createNetns(...args),
    removeNetns: async (...args) => (await start()).removeNetns(...args),
    mount: async (...args) => (await start()).mount(...args),
    unmount: async (...args) => (await start()).unmount(...args),
    mkfifo: async (...args) => (await start()).mkfifo(...args),
    mknod: async (...args) => (await start()).mknod(...args),
    setTimes: async (...args) => (await start()).setTimes(...args),
    listXattrs: async (...args) => (await start()).listXattrs(...args),
    setXattr: async (...args) => (await start()).setXattr(...args),
    close() {
      helper?.then((started) => started.close()).catch(() => {});
    },
  };
}
