import { StatusError } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { compileTemplate, type Template } from '../../docker/template/template.ts';
import { asStruct } from '../../docker/template/values.ts';
import type { ServerVersion } from '../../engine/system/version.ts';
import type { ClientVersion } from './client-version.ts';

/** What `--format` of version and info asks for. A bad template exits with 64. */
export function outputTemplate(format: string): Template {
  let template: Template;
  try {
    template = compileTemplate(format === 'json' ? '{{json .}}' : format);
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${(error as Error).message}`, { cause: error });
  }
  return { execute: (value) => asClient(() => template.execute(value)) };
}

/** No daemon has answered what a template gets wrong. */
function asClient<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isDockerError(error, 'invalid') ? new StatusError(1, error.message, { cause: error }) : error;
  }
}

/** Templates say APIVersion, JSON says ApiVersion. */
const methods = {
  APIVersion: { params: [], call: (of: object) => (of as { ApiVersion: string }).ApiVersion },
};

export function describeVersion(client: ClientVersion, server: ServerVersion | null): object {
  const Client = asStruct({ name: 'system.clientVersion', methods }, { ...client });
  const Server = server && asStruct({ name: '*system.serverVersion', methods }, { ...server });
  return asStruct({ name: 'system.versionInfo' }, { Client, Server });
}
