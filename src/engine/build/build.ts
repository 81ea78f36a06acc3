import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ProvenanceDetail } from '../../docker/build-provenance.ts';
import { isDockerError } from '../../docker/errors.ts';
import type { StatusResponse } from '../../gen/moby/buildkit/v1/control.ts';
import { readDockerConfig } from '../../registry/docker-config.ts';
import type { Engine } from '../engine.ts';
import { checkAttestations } from './attestations.ts';
import { planCaches } from './caches.ts';
import type { BuildDaemon } from './daemon.ts';
import { sharesImages } from './daemon.ts';
import { fetchDockerfile } from './dockerfile-url.ts';
import { comesToUs, type PlannedExporter, planExporters } from './exporters.ts';
import { explainFailure } from './failures.ts';
import { dropAbandoned, dropUnnamed } from './in-place.ts';
import { loadInputs } from './inputs.ts';
import { activeCaches, cacheExports, cacheImportsAttr, callAttrs, planFrontend } from './plan.ts';
import { buildProvenance } from './provenance.ts';
import { proxyArguments } from './proxies.ts';
import { question } from './question.ts';
import type { BuildRequest } from './request.ts';
import { finishResults, openResults, type StandardOutput } from './results.ts';
import { buildSession } from './session.ts';
import { solve } from './solve.ts';
import { renameSteps } from './step-names.ts';

export interface BuildOptions {
  daemon: BuildDaemon;
  /** Opened when the context or the Dockerfile is on it. */
  stdin: () => Readable;
  /** Where a result goes that is asked for on standard output. */
  stdout: StandardOutput;
  env: Readonly<Record<string, string | undefined>>;
  /** The directory of docker's config.json. */
  dockerConfig: string;
  onStatus: (status: StatusResponse) => void | Promise<void>;
  onWarning: (sentence: string) => void;
  /** Tell in the response how it was built, too. */
  provenance?: ProvenanceDetail;
}

export interface BuildResult {
  /** BuildKit's name for the build. */
  ref: string;
  /** Empty where there is no image, as for files. */
  imageId: string;
  /** What BuildKit and its exporters answered, by their keys. */
  response: Record<string, string>;
  /** Where the Dockerfile is, for messages. */
  dockerfile: string;
}

/**
 * Builds, and brings the result where it belongs: into our containerd, to a registry, into files.
 * @throws DockerError in buildx's words; RpcError with `statusDetails` for what BuildKit says of the build
 */
export async function build(engine: Engine, request: BuildRequest, options: BuildOptions): Promise<BuildResult> {
  const { daemon, env, dockerConfig, stdin } = options;
  const ref = randomBytes(16).toString('hex');
  const plan = planFrontend(request, {
    proxies: proxyArguments(readDockerConfig(dockerConfig)),
    hostGateway: workerGateway(daemon) || engine.settings.hostGatewayIp || undefined,
  });
  const exporters = planExporters(request, {
    shared: await isShared(engine, request, daemon),
    ref,
    insecureRegistry: engine.settings.insecureRegistry,
    stdoutIsTerminal: options.stdout.isTerminal,
  });
  const caches = planCaches(activeCaches(cacheExports(request), env), activeCaches(request.cacheFrom, env));
  for (const warning of caches.warnings) options.onWarning(warning);
  const inputs = await loadInputs({ ...request, stdin, signal: engine.signal });
  if (exporters.some(({ result }) => result.kind === 'in-place')) await dropAbandoned(engine);
  const results = openResults(engine, exporters, options.stdout);
  const names = renameSteps(exporters);
  try {
    const session = await buildSession(engine, request, {
      inputs,
      caches,
      results,
      exporters: exporters.length,
      daemon,
      dockerConfig,
      env,
    });
    try {
      const common = { signal: engine.signal, onStatus: (status: StatusResponse) => options.onStatus(names(status)) };
      const asking = { session: session.id, ...common };
      await checkAttestations(daemon.client, request, asking);
      await fetchDockerfile(daemon.client, inputs, asking);
      const attrs = { ...plan.attrs, ...inputs.attrs, ...cacheImportsAttr(caches.imports) };
      if (request.call) {
        Object.assign(attrs, callAttrs(request.call, attrs));
        const wanted = { ref, frontend: plan.frontend, attrs, ...asking };
        return { ref, imageId: '', response: await question(daemon.client, wanted), dockerfile: inputs.dockerfile };
      }
      const { ExporterResponse: response } = await solve(daemon.client, {
        ...common,
        request: {
          Ref: ref,
          Session: session.id,
          Frontend: plan.frontend,
          FrontendAttrs: attrs,
          Cache: { Exports: caches.exports.map(cacheEntry), Imports: caches.imports.map(cacheEntry) },
          Entitlements: plan.entitlements,
          ...exporterFields(exporters),
        },
      });
      const imageId = await finishResults(engine, exporters, { results, caches, response });
      const { provenance: detail } = options;
      const noted = detail && (await buildProvenance(daemon.client, { ref, detail, onStatus: options.onStatus }));
      return { ref, imageId, response: { ...response, ...noted }, dockerfile: inputs.dockerfile };
    } finally {
      await session.close();
    }
  } catch (error) {
    for (const { result } of exporters)
      if (result.kind === 'in-place') await dropUnnamed(engine, result.prefix).catch(() => {});
    if (engine.signal.aborted) throw error;
    throw results.failure?.error ?? explainFailure(error, daemon.address);
  }
}

/** Who wants files, or has an image pushed, needs no containerd. */
async function isShared(engine: Engine, request: BuildRequest, daemon: BuildDaemon): Promise<boolean> {
  const comes = comesToUs(request);
  if (comes === 'never') return false;
  return sharesImages(engine, daemon).catch((error: unknown) => {
    if (comes === 'perhaps' && isDockerError(error, 'unavailable')) return false;
    throw error;
  });
}

/** A dockerd says what its containers reach the host by. */
const workerGateway = ({ workers }: BuildDaemon) =>
  workers[0]?.Labels['org.mobyproject.buildkit.worker.moby.host-gateway-ip'];

const cacheEntry = ({ type, attrs }: { type: string; attrs: Record<string, string> }) => ({ Type: type, Attrs: attrs });

/** An old BuildKit knows only one, in fields of its own. */
function exporterFields(exporters: readonly PlannedExporter[]) {
  const [first] = exporters;
  return {
    ExporterDeprecated: first?.type ?? '',
    ExporterAttrsDeprecated: first?.attrs ?? {},
    Exporters: exporters.map(({ type, attrs }) => ({ Type: type, Attrs: attrs })),
  };
}
