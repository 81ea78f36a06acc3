import { DockerError } from '../../docker/errors.ts';
import { isRpcError } from '../../grpc/status.ts';

const remedy =
  'buildkitd can from 0.11 on, and docker with {"features":{"containerd-snapshotter":true}} in /etc/docker/daemon.json';

/** Exporters that every BuildKit has where it keeps images of its own. */
const imageExporter = /exporter "(?:docker|oci|image)" could not be found/;
/** The types that every BuildKit has which knows more than `inline`. */
const cacheExporter = /unknown cache exporter: "(local|registry)"/;
const contexts = 'unsupported frontend capability moby.buildkit.frontend.contexts';
const requests = 'unsupported frontend capability moby.buildkit.frontend.subrequests';

/** What BuildKit says of abilities that it lacks, as a sentence that says what will do; any other error as it is. */
export function explainFailure(error: unknown, address: string): unknown {
  if (!isRpcError(error)) return error;
  const because = (sentence: string) => new DockerError('not-implemented', sentence, { cause: error });
  if (imageExporter.test(error.details)) {
    return because(`the BuildKit at ${address} cannot export images: it gives files (-o DIRECTORY); ${remedy}`);
  }
  const [, cache] = cacheExporter.exec(error.details) ?? [];
  if (cache !== undefined) {
    return because(`the BuildKit at ${address} cannot export a cache of type ${cache}: ${remedy}`);
  }
  if (error.details.includes(contexts)) {
    return because(
      'current frontend does not support --build-context. Named contexts are supported since Dockerfile v1.4. Use #syntax directive in Dockerfile or update to latest BuildKit.',
    );
  }
  const [, request] = /unsupported request frontend\.([\w.]+)/.exec(error.details) ?? [];
  if (request !== undefined) {
    return because(
      `the Dockerfile frontend of the BuildKit at ${address} does not know --call ${request === 'lint' ? 'check' : request}`,
    );
  }
  if (error.details.includes(requests)) {
    return because(
      'current frontend does not support --call: use the #syntax directive in the Dockerfile, or a newer BuildKit',
    );
  }
  return error;
}
