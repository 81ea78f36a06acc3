import { type BuildProgressMode, buildProgressMode, buildReporter } from '../../cli/build-progress.ts';
import { type Cli, StatusError } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { callResult } from '../../docker/build-progress/call-result.ts';
import { buildError, buildExitCode } from '../../docker/build-progress/error.ts';
import type { BuildWarning } from '../../docker/build-progress/status.ts';
import { provenanceDetail } from '../../docker/build-provenance.ts';
import { isDockerError } from '../../docker/errors.ts';
import type { BuildCall } from '../../docker/flags/build-call.ts';
import { type BuildResult, build } from '../../engine/build/build.ts';
import type { BuildRequest } from '../../engine/build/request.ts';
import { removeFile, writeFileAtomic } from '../../host/files.ts';
import { dockerConfigDir } from '../image/docker-config.ts';
import { type BuildFlags, buildRequest } from './build-request.ts';
import { withDaemon } from './daemon-flags.ts';
import { metadataJson } from './metadata.ts';
import { passOverFlags } from './unused-flags.ts';

/** Who builds, in buildx's words. */
const description = { plain: 'building with "default" instance using remote driver', tty: 'remote:default' };

export async function runBuild(cli: Cli, context: string, flags: BuildFlags): Promise<number> {
  passOverFlags(cli, flags);
  const request = buildRequest(cli, context, flags);
  const mode = buildProgressMode(cli, flags.progress, flags.quiet);
  // A build that fails leaves no ID of an earlier one.
  if (flags.iidfile !== '') await orFail('removing image ID file: ', removeFile(flags.iidfile));
  const { result, warnings } = await buildAndShow(cli, request, flags, mode);
  if (printsId(flags, request) && result.imageId !== '') cli.stdout.write(`${result.imageId}\n`);
  if (flags.iidfile !== '') await orFail('writing image ID file: ', writeFileAtomic(flags.iidfile, result.imageId));
  if (flags['metadata-file'] !== '') {
    const facts = request.call ? undefined : { ref: result.ref, warnings, env: cli.env };
    await orFail('', writeFileAtomic(flags['metadata-file'], metadataJson(result.response, facts)));
  }
  return request.call ? answer(cli, request.call, result) : 0;
}

async function orFail(what: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new StatusError(1, `ERROR: ${what}${errorSentence(error)}`, { cause: error });
  }
}

/** An ID behind an archive on standard output would be a part of it. */
function printsId(flags: BuildFlags, { call, outputs }: BuildRequest): boolean {
  const quiet = flags.quiet || flags.progress === 'quiet';
  return quiet && call === undefined && !outputs.some(({ dest }) => dest === '-');
}

/** What the frontend says to --call or --check. */
function answer(cli: Cli, { name, format, ignoreStatus }: BuildCall, { response, dockerfile }: BuildResult): number {
  const wanted = format === 'json' ? 'json' : 'text';
  const { stdout, exitCode, error } = callResult(response, {
    name,
    format: wanted,
    ignoreStatus,
    filename: dockerfile,
  });
  cli.stdout.write(stdout);
  if (error !== undefined) throw new StatusError(exitCode || 1, `ERROR: ${error}`);
  return exitCode;
}

async function buildAndShow(
  cli: Cli,
  request: BuildRequest,
  flags: BuildFlags,
  mode: BuildProgressMode,
): Promise<{ result: BuildResult; warnings: BuildWarning[] }> {
  const engine = await cli.engine();
  return withDaemon(cli, flags, async (daemon) => {
    const reporter = buildReporter(cli, { mode, description, debug: cli.settings.debug });
    try {
      const result = await build(engine, request, {
        daemon,
        env: cli.env,
        provenance: flags['metadata-file'] === '' ? undefined : provenanceDetail(cli.env.BUILDX_METADATA_PROVENANCE),
        dockerConfig: dockerConfigDir(cli),
        stdin: () => cli.stdin,
        stdout: {
          isTerminal: cli.stdout.isTerminal,
          write: async (chunk) => {
            if (!cli.stdout.write(chunk)) await cli.stdout.drained();
          },
        },
        onStatus: reporter.update,
        onWarning: (sentence) => void cli.stderr.write(`WARNING: ${sentence}\n`),
      });
      reporter.end();
      return { result, warnings: reporter.warnings() };
    } catch (error) {
      reporter.end();
      throw buildFailure(error);
    }
  });
}

interface RpcFailure {
  code: number;
  details: string;
  statusDetails?: Uint8Array;
}

/** In buildx's words, with what BuildKit says of the place in the Dockerfile. */
function buildFailure(error: unknown): unknown {
  if (isDockerError(error)) return new StatusError(1, `ERROR: failed to build: ${error.message}`, { cause: error });
  const { code, details, statusDetails } = error as Partial<RpcFailure>;
  if (typeof code !== 'number' || details === undefined) {
    return new StatusError(1, `ERROR: failed to build: ${errorSentence(error)}`, { cause: error });
  }
  return new StatusError(buildExitCode(code), buildError(statusDetails, details, code), { cause: error });
}
