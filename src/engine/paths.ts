import { join } from 'node:path';

/** Paths of the data store shared with Go nerdctl: `<data root>/<8 hex of the containerd address>`. */
export interface DataStore {
  root: string;
  containers: string;
  names: string;
  etchosts: string;
  volumes: string;
}

/** @param root the data store of one containerd address, as `dataStoreRoot` in the host layer computes it */
export function dataStore(root: string, namespace: string): DataStore {
  return {
    root,
    containers: join(root, 'containers', namespace),
    names: join(root, 'names', namespace),
    etchosts: join(root, 'etchosts', namespace),
    volumes: join(root, 'volumes', namespace),
  };
}
