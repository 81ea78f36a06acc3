import { type OciImageConfig, parseIndex } from '../../docker/oci.ts';
import { familiarName, formatFamiliar, tryParseReference } from '../../docker/reference.ts';
import type { Engine } from '../engine.ts';
import { readDocument } from './content.ts';
import { wasPulled } from './list.ts';
import { isDangling } from './records.ts';
import { type ResolveOptions, resolveImage } from './store.ts';
import { factsOf } from './summary.ts';
import type { ImageView } from './view.ts';

/** `GET /images/{name}/json` of the Docker Engine API 1.47. */
export interface InspectedImage {
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  Created: string;
  DockerVersion: string;
  Author: string;
  Config: object;
  Architecture: string;
  Variant?: string;
  Os: string;
  OsVersion?: string;
  Size: number;
  GraphDriver: { Data: null; Name: string };
  RootFS: { Type: string; Layers?: string[] };
  Metadata: { LastTagTime: string };
}

/** @throws DockerError not-found */
export async function inspectImage(engine: Engine, ref: string, options: ResolveOptions = {}): Promise<InspectedImage> {
  const c = engine.containerd;
  const view = await resolveImage(engine, ref, options);
  const [names, facts] = await Promise.all([namesOf(engine, view), factsOf(c, engine.settings.snapshotter, view)]);
  const { config } = view;
  return {
    Id: view.imageId,
    ...names,
    Parent: config.parent ?? '',
    Comment: config.comment || config.history?.at(-1)?.comment || '',
    Created: config.created ?? '',
    DockerVersion: config.docker_version ?? '',
    Author: config.author ?? '',
    Config: dockerConfig(config.config ?? {}),
    Architecture: config.architecture,
    ...(config.variant && { Variant: config.variant }),
    Os: config.os,
    ...(config['os.version'] && { OsVersion: config['os.version'] }),
    Size: facts.size,
    GraphDriver: { Data: null, Name: engine.settings.snapshotter },
    RootFS: { Type: 'layers', ...(config.rootfs.diff_ids.length > 0 && { Layers: config.rootfs.diff_ids }) },
    Metadata: {
      LastTagTime: (view.record.updatedAt ?? view.record.createdAt)?.toISOString() ?? '0001-01-01T00:00:00Z',
    },
  };
}

/** The names of all records with the same target. */
async function namesOf(engine: Engine, view: ImageView): Promise<Pick<InspectedImage, 'RepoTags' | 'RepoDigests'>> {
  const c = engine.containerd;
  const records = await c.images.list([`target.digest==${view.target.digest}`]);
  const tags = new Set<string>();
  const digests = new Set<string>();
  for (const { name } of records) {
    const reference = isDangling(name) ? undefined : tryParseReference(name);
    if (!reference) continue;
    if (reference.tag !== undefined) tags.add(formatFamiliar({ ...reference, digest: undefined }));
    if (reference.digest !== undefined || (await wasPulled(c, view.target.digest, reference))) {
      digests.add(`${familiarName(reference)}@${reference.digest ?? view.target.digest}`);
    }
  }
  return { RepoTags: [...tags], RepoDigests: [...digests] };
}

/** The fields of docker's container.Config in its order; what an image cannot say has its zero value. */
function dockerConfig(config: OciImageConfig): object {
  return {
    Hostname: '',
    Domainname: '',
    User: config.User ?? '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ...(config.ExposedPorts && { ExposedPorts: config.ExposedPorts }),
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: config.Env ?? null,
    Cmd: config.Cmd ?? null,
    ...(config.Healthcheck && { Healthcheck: config.Healthcheck }),
    ...(config.ArgsEscaped && { ArgsEscaped: true }),
    Image: '',
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? '',
    Entrypoint: config.Entrypoint ?? null,
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? null,
    ...(config.StopSignal && { StopSignal: config.StopSignal }),
    ...(config.StopTimeout !== undefined && { StopTimeout: config.StopTimeout }),
    ...(config.Shell && { Shell: config.Shell }),
  };
}

/** containerd's record and the documents behind it, as Go nerdctl's `--mode=native` shows them. */
export async function inspectImageNative(engine: Engine, ref: string, options: ResolveOptions = {}): Promise<object> {
  const view = await resolveImage(engine, ref, options);
  const { record, target, manifestDesc, manifest, config } = view;
  const isIndex = target.digest !== manifestDesc.digest;
  const index = isIndex ? await readDocument(engine.containerd, target) : undefined;
  return {
    Image: {
      Name: record.name,
      Labels: record.labels,
      Target: target,
      CreatedAt: record.createdAt?.toISOString(),
      UpdatedAt: record.updatedAt?.toISOString(),
    },
    ...(index && { IndexDesc: target, Index: parseIndex(index) }),
    ManifestDesc: manifestDesc,
    Manifest: manifest,
    ImageConfigDesc: manifest.config,
    ImageConfig: config,
  };
}
