import { DockerError, invalid } from '../errors.ts';
import { quote } from '../values/go-quote.ts';
import { parseCsvLine } from './csv.ts';

/** A value of --secret. With neither a file nor a variable, its ID names the variable or else the file. */
export interface BuildSecret {
  id: string;
  file?: string;
  env?: string;
}

/** A value of --ssh: the sockets or keys of an ID; none for the agent of SSH_AUTH_SOCK. */
export interface BuildSsh {
  id: string;
  paths: string[];
}

/**
 * The values of --secret, `id=…[,src=…|,env=…][,type=file|env]`; the last of one ID wins.
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseBuildSecrets(values: readonly string[]): BuildSecret[] {
  const secrets = values.filter((value) => value !== '').map(parseSecret);
  return [...new Map(secrets.map((secret) => [secret.id, secret])).values()];
}

function parseSecret(value: string): BuildSecret {
  let type = '';
  let id = '';
  let file: string | undefined;
  let env: string | undefined;
  for (const field of csv(value)) {
    const equals = field.indexOf('=');
    if (equals < 0) throw invalid(`invalid field '${field}' must be a key=value pair`);
    const key = field.slice(0, equals).toLowerCase();
    const text = field.slice(equals + 1);
    if (key === 'type') {
      if (text !== 'file' && text !== 'env') throw invalid(`unsupported secret type ${quote(text)}`);
      type = text;
    } else if (key === 'id') id = text;
    else if (key === 'source' || key === 'src') file = text;
    else if (key === 'env') env = text;
    else throw invalid(`unexpected key '${key}' in '${field}'`);
  }
  if (type === 'env' && !env) [env, file] = [file, undefined];
  return { id, ...(file && { file }), ...(env && { env }) };
}

function csv(value: string): string[] {
  try {
    return parseCsvLine(value);
  } catch (cause) {
    throw new DockerError('invalid', `failed to parse csv secret: ${(cause as Error).message}`, { cause });
  }
}

/** The values of --ssh, `default` or `ID[=PATH[,PATH]]`; the last of one ID wins. */
export function parseBuildSsh(values: readonly string[]): BuildSsh[] {
  const parsed = values
    .filter((value) => value !== '')
    .map((value) => {
      const equals = value.indexOf('=');
      if (equals < 0) return { id: value, paths: [] };
      return { id: value.slice(0, equals) || 'default', paths: value.slice(equals + 1).split(',') };
    });
  return [...new Map(parsed.map((each) => [each.id, each])).values()];
}
