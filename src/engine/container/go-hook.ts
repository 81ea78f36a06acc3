import { join } from 'node:path';
import { writeFileAtomic } from '../../host/files.ts';
import type { Engine } from '../engine.ts';
import { attachNetworks } from '../network/attach.ts';
import { detachNetworks } from '../network/detach.ts';
import { planOfLabels } from '../network/mode.ts';
import { nameOf, stateDirOf } from './container-dir.ts';
import { jsonLabel, label } from './labels.ts';
import { reserveName } from './names.ts';
import { publishedPorts } from './ports.ts';
import { type Lifecycle, readLifecycle } from './state.ts';

/** What the runtime tells a hook, OCI runtime-spec 1.0 "State"; Go nerdctl's labels are among the annotations. */
export interface HookState {
  id: string;
  /** Absent after the end. */
  pid?: number;
  annotations?: Record<string, string>;
}

/** The hook of Go nerdctl's containers before their process starts: name, networks, hosts, the files it keeps. */
export async function joinByHook(engine: Engine, state: HookState): Promise<void> {
  const container = { id: state.id, labels: state.annotations ?? {} };
  const { id, labels } = container;
  const stateDir = stateDirOf(engine, container);
  const pidFile = labels[label.pidFile];
  if (pidFile) await writeFileAtomic(pidFile, String(state.pid));
  // It was given up when the last task ended.
  await reserveName(engine, nameOf(container), id);
  const plan = planOfLabels(labels);
  let failed = true;
  try {
    if (plan.kind === 'cni') {
      await attachNetworks(engine, {
        id,
        name: nameOf(container),
        hostname: labels[label.hostname] ?? '',
        domainname: labels[label.domainname] ?? '',
        netnsPath: labels[label.networkNamespace] || `/proc/${state.pid}/ns/net`,
        networks: plan.endpoints,
        portMappings: publishedPorts(engine, container),
        extraHosts: jsonLabel<string[]>(labels, label.extraHosts) ?? [],
      });
    }
    failed = false;
  } finally {
    await writeLifecycle(stateDir, { started_at: new Date().toISOString(), create_error: failed });
  }
}

/**
 * The hook after the task's deletion. Unlike Go nerdctl's it leaves the container its name. After a start that
 * {@link joinByHook} has made fail there is nothing to do.
 */
export async function leaveByHook(engine: Engine, state: HookState): Promise<void> {
  const container = { id: state.id, labels: state.annotations ?? {} };
  const stateDir = stateDirOf(engine, container);
  const lifecycle = readLifecycle(stateDir);
  if (lifecycle.create_error) return writeLifecycle(stateDir, { ...lifecycle, create_error: false });
  await detachNetworks(engine, container);
}

async function writeLifecycle(stateDir: string, lifecycle: Lifecycle): Promise<void> {
  await writeFileAtomic(join(stateDir, 'lifecycle.json'), JSON.stringify(lifecycle), 0o600);
}
