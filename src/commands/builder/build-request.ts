import { type Cli, type FlagValues, StatusError } from '../../cli/command.ts';
import { DockerError, isDockerError } from '../../docker/errors.ts';
import { parseAnnotations, parseAttests } from '../../docker/flags/build-attests.ts';
import { parseBuildCaches } from '../../docker/flags/build-cache.ts';
import { parseBuildCall } from '../../docker/flags/build-call.ts';
import {
  parseBuildArgs,
  parseBuildContexts,
  parseBuildLabels,
  parseEntitlements,
} from '../../docker/flags/build-inputs.ts';
import { type BuildOutput, completeOutputs, parseBuildOutputs } from '../../docker/flags/build-outputs.ts';
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
  const parsed = refusedAs('ERROR: ', () => parseFlags(cli, flags));
  return refusedAs('ERROR: failed to build: ', () => completeRequest(cli, context, { flags, parsed }));
}

function refusedAs<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isDockerError(error)) throw new StatusError(1, `${prefix}${error.message}`, { cause: error });
    throw error;
  }
}

/** What has a grammar of its own: for buildx an error there is not one of the build. */
function parseFlags({ env }: Pick<Cli, 'env'>, flags: BuildFlags) {
  const buildArgs = parseBuildArgs(flags['build-arg'], (name) => env[name]);
  // BuildKit sets the times of an image by it.
  if (env.SOURCE_DATE_EPOCH && buildArgs.SOURCE_DATE_EPOCH === undefined) {
    buildArgs.SOURCE_DATE_EPOCH = env.SOURCE_DATE_EPOCH;
  }
  const { provenance, sbom } = flags;
  return {
    buildArgs,
    labels: parseBuildLabels(flags.label),
    attests: parseAttests(flags.attest, { provenance, sbom }),
    contexts: parseBuildContexts(flags['build-context']),
    outputs: parseOutputs(flags),
    cacheFrom: parseBuildCaches(flags['cache-from']),
    cacheTo: parseBuildCaches(flags['cache-to']),
    secrets: parseBuildSecrets(flags.secret),
    ssh: parseBuildSsh(flags.ssh),
    call: parseBuildCall(askedFor(flags)),
  };
}

/** Of --call and --check the last one holds. */
function askedFor({ call, check, changed }: BuildFlags): string {
  const typed = [...changed];
  return check && typed.indexOf('check') > typed.indexOf('call') ? 'check' : call;
}

function completeRequest(
  { env }: Pick<Cli, 'env'>,
  context: string,
  { flags, parsed }: { flags: BuildFlags; parsed: ReturnType<typeof parseFlags> },
): BuildRequest {
  const defaultPlatform = env.DOCKER_DEFAULT_PLATFORM ? [env.DOCKER_DEFAULT_PLATFORM] : [];
  return {
    ...parsed,
    context,
    file: flags.file,
    target: flags.target,
    noCache: flags['no-cache'],
    noCacheFilter: flags['no-cache-filter'],
    pull: flags.pull,
    platforms: parsePlatforms(flags.platform.length > 0 ? flags.platform : defaultPlatform),
    outputs: completeOutputs(parsed.outputs, flags),
    annotations: parseAnnotations(flags.annotation),
    allow: parseEntitlements(flags.allow),
    tags: [...new Set(flags.tag.map(parseTag))],
    network: flags.network,
    hosts: flags['add-host'],
    shmSize: flags['shm-size'],
    ulimits: parseUlimits(flags.ulimit),
    cgroupParent: flags['cgroup-parent'],
  };
}

function parseTag(tag: string): string {
  try {
    return normalizeReference(tag);
  } catch (error) {
    const { message } = error as Error;
    const why = /must be lowercase$/.test(message)
      ? 'repository name must be lowercase'
      : tag === ''
        ? 'repository name must have at least one component'
        : message;
    throw new DockerError('invalid', `invalid tag ${quote(tag)}: ${why}`, { cause: error });
  }
}

function parsePlatforms(values: readonly string[]): string[] {
  const host = hostPlatform();
  return values
    .flatMap((value) => value.split(','))
    .map((each) => formatPlatform(each.toLowerCase() === 'local' ? host : parsePlatform(each, host)));
}

function parseOutputs({ output, iidfile }: BuildFlags): BuildOutput[] {
  const outputs = parseBuildOutputs(output);
  if (iidfile !== '' && outputs.some(({ type }) => type === 'local' || type === 'tar')) {
    throw new DockerError('invalid', 'local and tar exporters are incompatible with image ID file');
  }
  return outputs;
}
