import { join } from 'node:path';

/** Paths of the data store shared with Go nerdctl: `<data root>/<8 hex of the containerd address>`. */
export interface DataStore {
  root: string;
  containers: string;
  names: string;
  /** Where Go nerdctl 2.1 keeps the names; not there for a namespace that is called as another directory. */
  names21?: string;
  etchosts: string;
  volumes: string;
}

const directories = new Set([
  'containers',
  'names',
  'etchosts',
  'volumes',
  'operations',
  'network-failures',
  'migrate',
]);

/** @param root the data store of one containerd address, as `dataStoreRoot` in the host layer computes it */
export function dataStore(root: string, namespace: string): DataStore {
  const dir = (kind: string) => join(root, kind, namespace);
  return {
    root,
    containers: dir('containers'),
    names: dir('names'),
    ...(!directories.has(namespace) && { names21: join(root, namespace) }),
    etchosts: dir('etchosts'),
    volumes: dir('volumes'),
  };
}
