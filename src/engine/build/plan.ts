import { type DockerError, invalid } from '../../docker/errors.ts';
import { parseGoBool } from '../../docker/flags/bool.ts';
import type { BuildCache } from '../../docker/flags/build-cache.ts';
import type { BuildCall } from '../../docker/flags/build-call.ts';
import { buildHosts } from '../../docker/flags/build-inputs.ts';
import { quote } from '../../docker/values/go-quote.ts';
import type { BuildRequest } from './request.ts';

/** What goes to the frontend and beside it, besides contexts and results. */
export interface FrontendPlan {
  frontend: string;
  attrs: Record<string, string>;
  entitlements: string[];
}

/** What the machine adds to a request. */
export interface Surroundings {
  /** `build-arg`s that docker's config.json makes of its proxies. */
  proxies: Readonly<Record<string, string>>;
  /** What `host-gateway` stands for. */
  hostGateway: string | undefined;
}

/**
 * The attributes of the Dockerfile frontend for the flags, with buildx's keys and defaults.
 * @throws DockerError `invalid`, in buildx's words
 */
export function planFrontend(request: BuildRequest, { proxies, hostGateway }: Surroundings): FrontendPlan {
  const { buildArgs, network, shmSize } = request;
  const attrs: Record<string, string> = {};
  const entitlements = [...request.allow];
  if (request.cgroupParent !== '') attrs['cgroup-parent'] = request.cgroupParent;
  const frontend = chooseFrontend(buildArgs.BUILDKIT_SYNTAX, attrs);
  if (parseGoBool(buildArgs.BUILDKIT_MULTI_PLATFORM ?? '')) attrs['multi-platform'] = 'true';
  for (const [type, parameters] of request.attests) if (parameters !== null) attrs[`attest:${type}`] = parameters;
  for (const [name, value] of Object.entries(proxies)) {
    const given = Object.keys(buildArgs).some((each) => each.toLowerCase() === name.toLowerCase());
    if (!given) attrs[`build-arg:${name}`] = value;
  }
  for (const [name, value] of Object.entries(buildArgs)) attrs[`build-arg:${name}`] = value;
  for (const [name, value] of Object.entries(request.labels)) attrs[`label:${name}`] = value;
  if (request.pull) attrs['image-resolve-mode'] = 'pull';
  if (request.target !== '') attrs.target = request.target;
  Object.assign(attrs, cacheUse(request));
  if (request.platforms.length > 0) attrs.platform = request.platforms.join(',');
  if (network === 'host' || network === 'none') attrs['force-network-mode'] = network;
  else if (network !== '' && network !== 'default') throw unknownNetwork(network);
  if (network === 'host') entitlements.push('network.host');
  const hosts = buildHosts(request.hosts, hostGateway);
  if (hosts !== '') attrs['add-hosts'] = hosts;
  if (shmSize > 0) attrs['shm-size'] = String(shmSize);
  const ulimits = request.ulimits.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`);
  if (ulimits.length > 0) attrs.ulimit = ulimits.join(',');
  return { frontend, attrs, entitlements: [...new Set(entitlements)] };
}

/** BuildKit's own frontend, or the image that the build argument names. */
function chooseFrontend(syntax: string | undefined, attrs: Record<string, string>): string {
  if (syntax === undefined) return 'dockerfile.v0';
  const source = syntax.trim().split(' ', 1)[0] ?? '';
  if (source === '') {
    throw invalid(
      "empty BUILDKIT_SYNTAX build-arg is invalid, use --build-arg BUILDKIT_SYNTAX without '=' for optional behavior",
    );
  }
  Object.assign(attrs, { source, cmdline: syntax });
  return 'gateway.v0';
}

function cacheUse({ noCache, noCacheFilter }: BuildRequest): Record<string, string> {
  if (noCache && noCacheFilter.length > 0) {
    throw invalid('--no-cache and --no-cache-filter cannot currently be used together');
  }
  if (noCache) return { 'no-cache': '' };
  return noCacheFilter.length > 0 ? { 'no-cache': noCacheFilter.join(',') } : {};
}

function unknownNetwork(mode: string): DockerError {
  return invalid(
    `network mode ${quote(mode)} not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create`,
  );
}

/**
 * What --call adds to the attributes of a build.
 * @param attrs may name abilities of the frontend that are needed already
 */
export function callAttrs({ name }: BuildCall, attrs: Readonly<Record<string, string>>): Record<string, string> {
  const needed = [attrs['frontend.caps'], 'moby.buildkit.frontend.subrequests+forward'];
  return { requestid: `frontend.${name}`, 'frontend.caps': needed.filter(Boolean).join(',') };
}

/** Where the cache goes, with what an old build argument asks for. */
export function cacheExports({ cacheTo, buildArgs }: BuildRequest): BuildCache[] {
  const inline = parseGoBool(buildArgs.BUILDKIT_INLINE_CACHE ?? '') ?? false;
  return inline ? [...cacheTo, { type: 'inline', attrs: {} }] : [...cacheTo];
}

/** The same list as the frontend wants it: it looks for caches by itself. */
export function cacheImportsAttr(caches: readonly BuildCache[]): Record<string, string> {
  if (caches.length === 0) return {};
  return { 'cache-imports': JSON.stringify(caches.map(({ type, attrs }) => ({ Type: type, Attrs: attrs }))) };
}

/**
 * Caches that only GitHub's or Amazon's machines have are left out elsewhere, as buildx does; their tokens come from the
 * environment.
 */
export function activeCaches(
  caches: readonly BuildCache[],
  env: Readonly<Record<string, string | undefined>>,
): BuildCache[] {
  return caches.flatMap((cache) => {
    if (cache.type !== 'gha') return [cache];
    const attrs = { ...githubCache(env), ...cache.attrs };
    return attrs.token && (attrs.url || attrs.url_v2) ? [{ type: cache.type, attrs }] : [];
  });
}

function githubCache(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const newer = parseGoBool(env.ACTIONS_CACHE_SERVICE_V2 ?? '') ?? false;
  const url = env.ACTIONS_CACHE_URL ?? env.ACTIONS_RESULTS_URL;
  return {
    ...(env.ACTIONS_RUNTIME_TOKEN && { token: env.ACTIONS_RUNTIME_TOKEN }),
    ...(url && { url }),
    ...(newer && env.ACTIONS_RESULTS_URL && { url_v2: env.ACTIONS_RESULTS_URL }),
  };
}
