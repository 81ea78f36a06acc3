import type { Mount } from '../../runtime/snapshots.ts';
import { buildSpec } from '../../runtime/spec/build.ts';
import type { SpecInput } from '../../runtime/spec/input.ts';
import type { Spec, Mount as SpecMount } from '../../runtime/spec/oci.ts';
import { processArgs, processEnv } from '../../runtime/spec/process.ts';
import type { Engine } from '../engine.ts';
import { limitedDevices, specDevices } from './devices.ts';
import type { ContainerDraft } from './draft.ts';
import { findInit } from './init.ts';
import { machineFacts } from './machine.ts';
import { chooseNamespaces } from './namespaces.ts';
import { networkNamespace } from './network.ts';
import { mountSharedShm } from './refresh-spec.ts';
import { resolveExecUser } from './user.ts';

export interface SpecParts {
  rootfs: Mount[];
  files: SpecInput['files'];
  mounts: SpecMount[];
}

/** The OCI spec of a draft: what the machine, the image's files and other containers decide is found out here. */
export async function buildContainerSpec(engine: Engine, draft: ContainerDraft, parts: SpecParts): Promise<Spec> {
  const { id, config, hostConfig, network, stateDir } = draft;
  const networkChoice = await networkNamespace(engine, id, network);
  const namespaces = await chooseNamespaces(engine, hostConfig, networkChoice, stateDir);
  await mountSharedShm(engine, hostConfig, stateDir);
  return buildSpec({
    id,
    namespace: engine.settings.namespace,
    args: processArgs({}, config),
    env: processEnv(config.Env, { hostname: config.Hostname, tty: config.Tty }),
    cwd: config.WorkingDir || '/',
    tty: config.Tty,
    user: resolveExecUser(config.User, hostConfig.GroupAdd ?? [], parts.rootfs),
    hostname: config.Hostname,
    domainname: config.Domainname,
    hostConfig,
    rootfs: 'rootfs',
    namespaces: namespaces.choices,
    ...(namespaces.shm ? { shm: namespaces.shm } : {}),
    mounts: parts.mounts,
    files: parts.files,
    devices: specDevices(hostConfig),
    blockDevices: limitedDevices(hostConfig),
    ...(hostConfig.Init ? { initPath: findInit(process.env.PATH) } : {}),
    annotations: {},
    machine: machineFacts(engine),
  });
}
