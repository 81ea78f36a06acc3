import { invalid } from '../errors.ts';
import { parseInt64 } from '../values/integer.ts';

/** `HostConfig.RestartPolicy`. */
export interface RestartPolicy {
  Name: string;
  MaximumRetryCount: number;
}

/**
 * A value of --restart: `name[:max]`. The name is not checked here: see checkRestartPolicy.
 * @throws DockerError `invalid`
 */
export function parseRestartPolicy(value: string): RestartPolicy {
  const colon = value.indexOf(':');
  const Name = colon < 0 ? value : value.slice(0, colon);
  const count = colon < 0 ? '' : value.slice(colon + 1);
  if (colon === 0) throw invalid('invalid restart policy format: no policy provided before colon');
  return { Name, MaximumRetryCount: count === '' ? 0 : retryCount(count) };
}

function retryCount(text: string): number {
  try {
    return parseInt64(text);
  } catch {
    throw invalid('invalid restart policy format: maximum retry count must be an integer');
  }
}

/**
 * What dockerd refuses at create.
 * @throws DockerError `invalid`
 */
export function checkRestartPolicy({ Name, MaximumRetryCount }: RestartPolicy): void {
  const onlyOnFailure = "invalid restart policy: maximum retry count can only be used with 'on-failure'";
  switch (Name) {
    case '':
    case 'no':
    case 'always':
    case 'unless-stopped':
      if (MaximumRetryCount === 0) return;
      throw invalid(MaximumRetryCount < 0 ? `${onlyOnFailure} and cannot be negative` : onlyOnFailure);
    case 'on-failure':
      if (MaximumRetryCount < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative');
      return;
    default:
      throw invalid(
        `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      );
  }
}
