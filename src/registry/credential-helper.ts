import { findExecutable, pathDirs } from '../host/executables.ts';
import { runProcess } from '../host/process.ts';

/** What a helper keeps for a registry; the user name `<token>` says that the secret is an identity token. */
export interface HelperCredential {
  ServerURL: string;
  Username: string;
  Secret: string;
}

/** A program docker-credential-X. Reference: https://github.com/docker/docker-credential-helpers. */
export interface CredentialHelper {
  /** @returns undefined when it knows nothing of the registry */
  get(server: string): Promise<HelperCredential | undefined>;
  store(credential: HelperCredential): Promise<void>;
  erase(server: string): Promise<void>;
  /** User name by registry. */
  list(): Promise<Record<string, string>>;
}

/** The helper that docker uses on Linux when its configuration names none: for pass, or else for the secret service. */
export function defaultHelper(env: NodeJS.ProcessEnv): string | undefined {
  const suffix = isProgram('pass', env) ? 'pass' : 'secretservice';
  return isProgram(`docker-credential-${suffix}`, env) ? suffix : undefined;
}

function isProgram(name: string, env: NodeJS.ProcessEnv): boolean {
  return findExecutable(name, pathDirs(env.PATH)) !== undefined;
}

const notFound = 'credentials not found in native keychain';

/** @throws Error, in one sentence and without the secret, when the program is missing or fails */
export function credentialHelper(suffix: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): CredentialHelper {
  const program = `docker-credential-${suffix}`;

  async function call(action: 'get' | 'store' | 'erase' | 'list', doing: string, input: string, secret = '') {
    const failure = (reason: string, output = '') =>
      new Error(`error ${doing} credentials - err: ${reason}, out: \`${presentable(output, secret)}\``);
    const result = await runProcess(program, [action], { input, env, signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      const { code, message } = error as NodeJS.ErrnoException;
      throw failure(code === 'ENOENT' ? `exec: "${program}": executable file not found in $PATH` : message);
    });
    const output = result.stdout.toString();
    if (result.code === 0) return output;
    if (output.trim() === notFound) return undefined;
    const ending = result.code === null ? `signal: ${result.signal}` : `exit status ${result.code}`;
    // Its reason belongs on stdout; not every helper knows.
    throw failure(ending, output.trim() || result.stderr.toString());
  }

  /** @throws when the answer is not JSON, without quoting it */
  function parse(output: string, action: string): unknown {
    try {
      return JSON.parse(output);
    } catch {
      throw new Error(`${program} ${action} answered with something that is not JSON`);
    }
  }

  return {
    async get(server) {
      const output = await call('get', 'getting', server);
      if (output === undefined) return undefined;
      const { Username, Secret } = (parse(output, 'get') ?? {}) as Partial<HelperCredential>;
      if (typeof Username !== 'string' || typeof Secret !== 'string') return undefined;
      return { ServerURL: server, Username, Secret };
    },
    async store(credential) {
      await call('store', 'storing', `${JSON.stringify(credential)}\n`, credential.Secret);
    },
    async erase(server) {
      await call('erase', 'erasing', server);
    },
    async list() {
      const output = await call('list', 'listing', 'unused');
      return output === undefined ? {} : ((parse(output, 'list') ?? {}) as Record<string, string>);
    },
  };
}

function presentable(output: string, secret: string): string {
  const hidden = secret === '' ? output : output.replaceAll(secret, '***');
  return hidden
    .trim()
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .slice(0, 500);
}
