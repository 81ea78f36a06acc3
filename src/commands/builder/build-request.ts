import { type Cli, type FlagValues, StatusError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { parseAnnotations, parseAttests } from '../../docker/flags/build-attests.ts';
import { parseBuildCaches } from '../../docker/flags/build-cache.ts';
import { parseBuildCall } from '../../docker/flags/build-call.ts';
import { parseBuildArgs, parseBuildContexts, parseBuildLabels } from '../../docker/flags/build-inputs.ts';
import { type BuildOutput, parseBuildOutputs, withLoad, withPush } from '../../docker/flags/build-outputs.ts';
import { parseBuildSecrets, parseBuildSsh } from '../../docker/flags/build-secrets.ts';
import { parseUlimits } from '../../docker/flags/ulimit.ts';
import { formatPlatform, parsePlatform } from '../../docker/platform.ts';
import { normalizeReference } from '../../docker/reference.ts';
import { quote } from '../../docker/values/go-quote.ts';
import type { BuildRequest } from '../../engine/build/request.ts';
import { hostPlatform } from '../../host/platform.ts';
import type { buildFlags } from './build-flags.ts';

export type BuildFlags = FlagValues<typeof buildFlags>;

/** @throws StatusError in buildx's words for a value that it refuses */
export function buildRequest(cli: Pick<Cli, 'env'>, context: string, flags: BuildFlags): BuildRequest {
  try {
    return parseRequest(cli, context, flags);
  } catch (error) {
    if (isDockerError(error)) throw new StatusError(1, `ERROR: ${error.message}`, { cause: error });
    throw error;
  }
}

function parseRequest({ env }: Pick<Cli, 'env'>, context: string, flags: BuildFlags): BuildRequest {
  const buildArgs = parseBuildArgs(flags['build-arg'], (name) => env[name]);
  // BuildKit sets the times of an image by it.
  if (env.SOURCE_DATE_EPOCH && buildArgs.SOURCE_DATE_EPOCH === undefined) {
    buildArgs.SOURCE_DATE_EPOCH = env.SOURCE_DATE_EPOCH;
  }
  const { provenance, sbom } = flags;
  return {
    context,
    file: flags.file,
    tags: [...new Set(flags.tag.map(parseTag))],
    target: flags.target,
    buildArgs,
    labels: parseBuildLabels(flags.label),
    noCache: flags['no-cache'],
    noCacheFilter: flags['no-cache-filter'],
    pull: flags.pull,
    platforms: parsePlatforms(flags.platform.length > 0 ? flags.platform : [env.DOCKER_DEFAULT_PLATFORM ?? '']),
    network: flags.network,
    hosts: flags['add-host'],
    shmSize: flags['shm-size'],
    ulimits: parseUlimits(flags.ulimit),
    cgroupParent: flags['cgroup-parent'],
    allow: flags.allow.filter((each) => each !== ''),
    attests: parseAttests(flags.attest, { provenance, sbom }),
    annotations: parseAnnotations(flags.annotation),
    outputs: outputs(flags),
    secrets: parseBuildSecrets(flags.secret),
    ssh: parseBuildSsh(flags.ssh),
    cacheFrom: parseBuildCaches(flags['cache-from']),
    cacheTo: parseBuildCaches(flags['cache-to']),
    contexts: parseBuildContexts(flags['build-context']),
    call: parseBuildCall(flags.check ? 'check' : flags.call),
  };
}

function parseTag(tag: string): string {
  try {
    return normalizeReference(tag);
  } catch (error) {
    throw new StatusError(1, `ERROR: failed to build: invalid tag ${quote(tag)}: ${(error as Error).message}`);
  }
}

function parsePlatforms(values: readonly string[]): string[] {
  const all = values.flatMap((value) => value.split(',')).filter((value) => value !== '');
  const host = hostPlatform();
  return all.map((each) => formatPlatform(each.toLowerCase() === 'local' ? host : parsePlatform(each, host)));
}

function outputs(flags: BuildFlags): BuildOutput[] {
  let list = parseBuildOutputs(flags.output);
  if (flags.iidfile !== '' && list.some(({ type }) => type === 'local' || type === 'tar')) {
    throw new StatusError(1, 'ERROR: local and tar exporters are incompatible with image ID file');
  }
  if (flags.push) list = withPush(list);
  if (flags.load) list = withLoad(list);
  return list;
}
