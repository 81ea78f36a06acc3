import { join } from 'node:path';
import type { PortMapping } from '../../docker/api.ts';
import { ensureDir, removeFile, removeTree, writeFileAtomic } from '../../host/files.ts';
import { monitorPath } from '../../host/program.ts';
import type { Container } from '../../runtime/containers.ts';
import { monitorUri } from '../../runtime/io/monitor-conf.ts';
import type { Mount } from '../../runtime/snapshots.ts';
import type { SpecInput } from '../../runtime/spec/input.ts';
import { initDestination } from '../../runtime/spec/process.ts';
import { type Engine, forUndo, gently } from '../engine.ts';
import { copyUpVolumes } from '../mounts/copy-up.ts';
import { type ResolvedMounts, resolveMounts } from '../mounts/resolve.ts';
import { detachNetworks } from '../network/detach.ts';
import { removeHosts } from '../network/hosts.ts';
import { networksLabel } from '../network/mode.ts';
import { beginOperation, endOperation } from '../operations.ts';
import { type Plan, runPlan } from '../steps.ts';
import { buildContainerSpec } from './build-spec.ts';
import { annotationsOf, createLabels } from './create-labels.ts';
import { writeDockerRecord } from './docker-record.ts';
import { type ContainerDraft, type CreateRequest, draftContainer } from './draft.ts';
import { healAbandoned } from './heal.ts';
import { label } from './labels.ts';
import { logPathOf } from './monitor-setup.ts';
import { releaseName, reserveName } from './names.ts';
import { joinNetworkEarly, makeNetns, reserveFor, wantedPorts, writeNetworkConfig } from './network.ts';
import { writeNetworkFiles } from './network-files.ts';
import { withRootfs } from './rootfs.ts';
import { runtimeOf } from './runtime.ts';
import { packSpec } from './spec-record.ts';
import { orUndefined } from './task.ts';

/** What startContainer wants of a container made just now. */
export interface FreshContainer {
  rootfs: Mount[];
  /** Resolves when it is on its networks, where `startFollows` had it join them. Never unhandled. */
  joined?: Promise<void>;
}

export interface CreatedContainer {
  container: Container;
  fresh: FreshContainer;
  warnings: string[];
}

/**
 * Makes a container, or nothing: name, state directory, snapshot, volumes, files, record.
 * @param options.startFollows at once: the container joins its networks meanwhile, and the journal's entry stays for
 * the start to replace
 * @throws DockerError in docker's words
 */
export async function createContainer(
  engine: Engine,
  request: CreateRequest,
  options: { startFollows?: boolean } = {},
): Promise<CreatedContainer> {
  await healAbandoned(engine);
  const draft = await draftContainer(engine, request);
  const { id, name, stateDir, image, hostConfig, network, config } = draft;
  const { snapshotter } = engine.settings;
  const { containerd } = gently(engine);
  let rootfs: Mount[] = [];
  let ports: PortMapping[] = [];
  let joined: Promise<void> | undefined;
  let mounts: ResolvedMounts | undefined;
  let files: SpecInput['files'] = {};
  let container!: Container;
  const plan: Plan = [
    {
      name: 'note the operation',
      isJournal: true,
      run: () => beginOperation(engine, { id, kind: 'create', name }),
      undo: () => endOperation(engine, id),
    },
    {
      name: 'reserve the name',
      run: () => reserveName(engine, name, id),
      undo: () => releaseName(engine, name, id),
    },
    {
      name: 'make the state directory',
      run: () => ensureDir(stateDir, 0o700),
      undo: () => removeTree(stateDir),
    },
    {
      name: 'write the network files',
      run: async () => {
        files = await writeNetworkFiles(engine, draft);
      },
      undo: () => removeHosts(forUndo(engine), id),
    },
    [
      {
        name: 'reserve the ports and begin to join the networks',
        run: async () => {
          if (!options.startFollows) return;
          ports = await reserveFor(engine, id, name, network, wantedPorts(hostConfig, config.ExposedPorts));
          await makeNetns(engine, id, network);
          joined = joinNetworkEarly(engine, draft, ports);
          joined.catch(() => {});
        },
        undo: async () => {
          await joined?.catch(() => {});
          const labels = { [label.networks]: JSON.stringify(networksLabel(network)) };
          if (options.startFollows) await detachNetworks(forUndo(engine), { id, labels });
        },
      },
      {
        name: 'prepare the snapshot',
        run: async () => {
          rootfs = await containerd.snapshots(snapshotter).prepare(id, image.chainId, {
            // keeps containerd's garbage collector away until the record refers to it
            'containerd.io/gc.root': draft.created.toISOString(),
          });
        },
        undo: async () => {
          await orUndefined(forUndo(engine).containerd.snapshots(snapshotter).remove(id));
        },
      },
      {
        name: 'resolve the mounts',
        run: async () => {
          mounts = await resolveMounts(engine, {
            hostConfig,
            volumes: config.Volumes,
            announce: (anonymousVolumes) => beginOperation(engine, { id, kind: 'create', name, anonymousVolumes }),
          });
        },
        undo: async () => {
          await mounts?.undo();
          await mounts?.release();
        },
      },
    ],
    {
      name: 'fill new volumes',
      run: async () => {
        if (mounts && mounts.copyUps.length > 0) {
          const { copyUps } = mounts;
          await withRootfs(engine, stateDir, rootfs, (path) => copyUpVolumes(engine, path, copyUps));
        }
      },
    },
    {
      name: 'make the record',
      run: async () => {
        const spec = await buildContainerSpec(engine, draft, { rootfs, files, mounts: mounts!.mounts });
        const labels = createLabels(engine, {
          draft,
          ports,
          mountLabels: mounts!.labels,
          logUri: draft.log.driver === 'none' ? '' : monitorUri(stateDir, monitorPath(engine.settings.dataRoot)),
        });
        spec.annotations = { ...spec.annotations, ...annotationsOf(labels) };
        const record = {
          id,
          labels,
          image: image.name,
          runtime: runtimeOf(engine, hostConfig),
          spec: packSpec(spec),
          snapshotter,
          snapshotKey: id,
        };
        await writeStateFiles(engine, draft, spec.process.args, ports);
        container = await containerd.containers.create(record);
      },
      undo: async () => {
        await orUndefined(forUndo(engine).containerd.containers.delete(id));
      },
    },
    {
      name: 'write the container ID file',
      run: async () => {
        if (request.idFile) await writeFileAtomic(request.idFile, id);
      },
      undo: async () => {
        if (request.idFile) await removeFile(request.idFile);
      },
    },
  ];
  try {
    await runPlan(plan, { signal: engine.signal });
  } finally {
    await mounts?.release();
  }
  if (!options.startFollows) await endOperation(engine, id);
  return {
    container,
    fresh: { rootfs: volatileRootfs(rootfs, hostConfig.AutoRemove), joined },
    warnings: draft.warnings,
  };
}

/** What is beside the record, for Go nerdctl and for ourselves. */
async function writeStateFiles(
  engine: Engine,
  draft: ContainerDraft,
  args: string[],
  ports: PortMapping[],
): Promise<void> {
  const { id, stateDir, log, image } = draft;
  const logConfig = { driver: log.driver, opts: log.opts, address: engine.settings.address };
  // Docker shows what the init runs, not the init.
  const [path = '', ...rest] = args[0] === initDestination ? args.slice(2) : args;
  await Promise.all([
    writeFileAtomic(join(stateDir, 'log-config.json'), JSON.stringify(logConfig)),
    writeNetworkConfig(stateDir, ports),
    writeDockerRecord(stateDir, {
      version: 1,
      Created: draft.created.toISOString(),
      Path: path,
      Args: rest,
      ImageID: image.imageId,
      ImageName: image.name,
      Config: draft.config,
      HostConfig: draft.hostConfig,
      Network: draft.network,
      LogPath: log.driver === 'json-file' ? logPathOf({ id }, stateDir) : '',
    }),
  ]);
}

/** A root filesystem that goes with the container need not survive a power cut: unmounting it syncs nothing then. */
function volatileRootfs(rootfs: Mount[], autoRemove: boolean | undefined): Mount[] {
  if (!autoRemove) return rootfs;
  return rootfs.map((mount) =>
    mount.type === 'overlay' ? { ...mount, options: [...mount.options, 'volatile'] } : mount,
  );
}
