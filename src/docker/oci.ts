import { DockerError } from './errors.ts';
import { isObject, isText } from './values/json-types.ts';

/** Reference: https://github.com/opencontainers/image-spec (descriptor, manifest, index, config) and Docker's Image Manifest V2, Schema 2. */
export interface OciDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
  platform?: OciPlatform;
  urls?: string[];
}

export interface OciPlatform {
  os: string;
  architecture: string;
  variant?: string;
  'os.version'?: string;
  'os.features'?: string[];
}

export interface OciManifest {
  schemaVersion: number;
  mediaType?: string;
  config: OciDescriptor;
  layers: OciDescriptor[];
  annotations?: Record<string, string>;
}

export interface OciIndex {
  schemaVersion: number;
  mediaType?: string;
  manifests: OciDescriptor[];
  annotations?: Record<string, string>;
}

/** The image configuration: the OCI fields plus those that only Docker writes. */
export interface OciImage {
  created?: string;
  author?: string;
  comment?: string;
  architecture: string;
  os: string;
  variant?: string;
  'os.version'?: string;
  docker_version?: string;
  parent?: string;
  config?: OciImageConfig;
  container_config?: Record<string, unknown>;
  rootfs: { type: string; diff_ids: string[] };
  history?: OciHistory[];
}

export interface OciImageConfig {
  User?: string;
  ExposedPorts?: Record<string, object> | null;
  Env?: string[] | null;
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  Volumes?: Record<string, object> | null;
  WorkingDir?: string;
  Labels?: Record<string, string> | null;
  StopSignal?: string;
  StopTimeout?: number;
  Shell?: string[] | null;
  OnBuild?: string[] | null;
  ArgsEscaped?: boolean;
  Healthcheck?: {
    Test?: string[];
    Interval?: number;
    Timeout?: number;
    StartPeriod?: number;
    StartInterval?: number;
    Retries?: number;
  };
}

export interface OciHistory {
  created?: string;
  author?: string;
  created_by?: string;
  comment?: string;
  empty_layer?: boolean;
}

export const mediaType = {
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

const indexTypes: ReadonlySet<string> = new Set([mediaType.dockerManifestList, mediaType.ociIndex]);
const manifestTypes: ReadonlySet<string> = new Set([mediaType.dockerManifest, mediaType.ociManifest]);

export const isIndexType = (type: string): boolean => indexTypes.has(type);
export const isManifestType = (type: string): boolean => manifestTypes.has(type);

/** Types of blobs that a snapshotter can be filled with; attestations and artifacts carry others. */
export function isLayerType(type: string): boolean {
  return type.startsWith('application/vnd.docker.image.rootfs.') || type.startsWith('application/vnd.oci.image.layer.');
}

/** No registry and no containerd accepts larger ones; what claims to be larger is hostile or not a manifest. */
export const maxDocumentBytes = 8 << 20;

const digestPattern = /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/;
export const isDigest = (text: unknown): text is string => typeof text === 'string' && digestPattern.test(text);

/** 12 hex digits, as docker shortens IDs. */
export const shortId = (digest: string): string => digest.slice(digest.indexOf(':') + 1).slice(0, 12);

const isTextList = (value: unknown): boolean =>
  Array.isArray(value ?? []) && ((value ?? []) as unknown[]).every(isText);
const isTable = (value: unknown): boolean => isObject(value ?? {});

/** @throws DockerError invalid, naming `what` */
export function parseJson(bytes: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DockerError('invalid', `${what} is not valid JSON`, { cause });
  }
  if (!isObject(value)) throw new DockerError('invalid', `${what} is not a JSON object`);
  return value;
}

function checkDescriptor(value: unknown, what: string): OciDescriptor {
  if (!isObject(value) || !isDigest(value.digest)) throw new DockerError('invalid', `${what} has no valid digest`);
  if (!Number.isSafeInteger(value.size) || (value.size as number) < 0) {
    throw new DockerError('invalid', `${what} ${value.digest} has no valid size`);
  }
  const platform = value.platform ?? {};
  if (!isObject(platform) || !['os', 'architecture', 'variant'].every((key) => isText(platform[key]))) {
    throw new DockerError('invalid', `${what} ${value.digest} has no valid platform`);
  }
  return { ...value, mediaType: typeof value.mediaType === 'string' ? value.mediaType : '' } as OciDescriptor;
}

export function parseManifest(bytes: Uint8Array, what = 'the image manifest'): OciManifest {
  const value = parseJson(bytes, what);
  // Go writes an empty list as null.
  const layers = value.layers === null ? [] : value.layers;
  if (!Array.isArray(layers)) throw new DockerError('invalid', `${what} lists no layers`);
  return {
    ...(value as unknown as OciManifest),
    config: checkDescriptor(value.config, `the config in ${what}`),
    layers: layers.map((layer) => checkDescriptor(layer, `a layer in ${what}`)),
  };
}

export function parseIndex(bytes: Uint8Array, what = 'the image index'): OciIndex {
  const value = parseJson(bytes, what);
  if (!Array.isArray(value.manifests)) throw new DockerError('invalid', `${what} lists no manifests`);
  return {
    ...(value as unknown as OciIndex),
    manifests: value.manifests.map((manifest) => checkDescriptor(manifest, `a manifest in ${what}`)),
  };
}

/** The fields of an image config that somebody may rely on; any of them may be missing, or null as Go writes it. */
const configFields: Record<string, (value: unknown) => boolean> = {
  User: isText,
  WorkingDir: isText,
  StopSignal: isText,
  Env: isTextList,
  Entrypoint: isTextList,
  Cmd: isTextList,
  Shell: isTextList,
  OnBuild: isTextList,
  ExposedPorts: isTable,
  Volumes: isTable,
  Labels: (value) => isTable(value) && isTextList(Object.values(value ?? {})),
  Healthcheck: (value) => isTable(value) && isTextList((value as OciImageConfig['Healthcheck'])?.Test),
};

function wrongField({ config, history, created, author, comment }: Record<string, unknown>): string | undefined {
  const others: Record<string, boolean> = {
    created: isText(created),
    author: isText(author),
    comment: isText(comment),
    history: Array.isArray(history ?? []) && ((history ?? []) as unknown[]).every(isObject),
    config: isTable(config),
  };
  const other = Object.keys(others).find((key) => !others[key]);
  if (other !== undefined) return other;
  const fields = (config ?? {}) as Record<string, unknown>;
  const field = Object.keys(configFields).find((key) => !configFields[key]!(fields[key]));
  return field && `config.${field}`;
}

/** `architecture` and `os` may be empty: very old images have neither. */
export function parseImage(bytes: Uint8Array, what = 'the image config'): OciImage {
  const value = parseJson(bytes, what);
  const rootfs = value.rootfs;
  const diffIds = isObject(rootfs) ? (rootfs.diff_ids ?? []) : [];
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest)) {
    throw new DockerError('invalid', `${what} has no valid rootfs.diff_ids`);
  }
  const wrong = wrongField(value);
  if (wrong !== undefined) throw new DockerError('invalid', `${what} has no valid ${wrong}`);
  return {
    ...(value as unknown as OciImage),
    architecture: typeof value.architecture === 'string' ? value.architecture : '',
    os: typeof value.os === 'string' ? value.os : '',
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
}

/** What a manifest without a (trustworthy) media type is, by its fields; undefined when it is neither. */
export function sniffManifestType(value: Record<string, unknown>): string | undefined {
  const declared = value.mediaType;
  if (typeof declared === 'string' && declared !== '') return declared;
  if (Array.isArray(value.manifests)) return mediaType.ociIndex;
  if (isObject(value.config) && (Array.isArray(value.layers) || value.layers === null)) return mediaType.ociManifest;
  return undefined;
}
