import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Engine } from '../../../../src/engine/engine.ts';
import { type MountPoint, mountLabels } from '../../../../src/engine/mounts/labels.ts';
import { dataStore } from '../../../../src/engine/paths.ts';

export interface FakeContainer {
  id: string;
  namespace?: string;
  mounts?: MountPoint[];
  labels?: Record<string, string>;
}

export interface FakeEngine extends Engine {
  /** What was locked and released, in order: `exclusive volumes/default`, `release …`. */
  readonly lockLog: string[];
  readonly dir: string;
}

/** An engine on a temporary data store, with containers that are only labels. Locks are recorded, not taken. */
export function fakeEngine(t: TestContext, containers: FakeContainer[] = []): FakeEngine {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-volumes-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const lockLog: string[] = [];
  const records = (namespace: string) =>
    containers
      .filter((container) => (container.namespace ?? 'default') === namespace)
      .map(({ id, mounts = [], labels }) => ({ id, labels: { ...mountLabels(mounts), ...labels } }));
  const containerd = (namespace: string): unknown => ({
    namespace,
    withNamespace: containerd,
    namespaces: { list: async () => [{ name: 'default' }, { name: 'other' }] },
    containers: { list: async () => records(namespace) },
  });
  const host = {
    lock: async (path: string, mode = 'exclusive') => {
      const name = path.slice(dir.length + 1);
      lockLog.push(`${mode} ${name}`);
      return { release: async () => void lockLog.push(`release ${name}`) };
    },
  };
  return {
    settings: { namespace: 'default' },
    store: dataStore(dir, 'default'),
    containerd: containerd('default'),
    host,
    signal: new AbortController().signal,
    lockLog,
    dir,
  } as unknown as FakeEngine;
}

export function volumeMount(name: string, source = ''): MountPoint {
  return { Type: 'volume', Name: name, Source: source, Destination: '/x', Mode: '', RW: true, Propagation: '' };
}
