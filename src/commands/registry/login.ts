import { atMost, type Cli, defineCommand, type FlagValues, flagTable, StatusError } from '../../cli/command.ts';
import { askLine, askSecret } from '../../cli/prompt.ts';
import { isDockerError } from '../../docker/errors.ts';
import { type LoginContext, type LoginServer, login, loginServer, savedLogin } from '../../engine/registry/login.ts';
import { dockerConfigDir } from '../image/docker-config.ts';

const flags = flagTable({
  password: { type: 'string', short: 'p', help: 'Password or Personal Access Token (PAT)' },
  'password-stdin': { type: 'bool', help: 'Take the Password or Personal Access Token (PAT) from stdin' },
  username: { type: 'string', short: 'u', help: 'Username' },
});
type Flags = FlagValues<typeof flags>;

export const command = defineCommand({
  use: 'login [OPTIONS] [SERVER]',
  short: 'Authenticate to a registry',
  long: 'Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.',
  args: atMost(1),
  outside: true,
  flags,
  run: async (cli, [given = ''], values) => {
    checkFlags(values);
    if (values.password !== '') {
      cli.stderr.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
    }
    // docker takes the space around it away, too: passwords come out of files that end in empty lines.
    const password = (values['password-stdin'] ? await passwordFromStdin(cli) : values.password).trim();
    const server = loginServer(given);
    const context = { dockerConfig: dockerConfigDir(cli), settings: cli.settings, signal: cli.signal };
    let defaultUser = '';
    if (values.username === '' && password === '') {
      // A helper that does not work is found out when the new credentials are to be kept.
      const saved = await savedLogin(server, context).catch(() => undefined);
      if (saved?.username && saved.password && (await retryLogin(cli, server, saved, context))) return;
      defaultUser = saved?.username ?? '';
    }
    if ((values.username === '' || password === '') && !cli.stdin.isTTY) {
      throw new StatusError(1, 'Error: Cannot perform an interactive login from a non TTY device');
    }
    const credential = await complete(cli, server, { username: values.username.trim(), password }, defaultUser);
    await loginAndReport(cli, server, credential, context);
  },
});

function checkFlags({ changed, username, password }: Flags): void {
  const fail = (message: string): never => {
    throw new StatusError(1, message);
  };
  if (changed.has('password-stdin')) {
    if (changed.has('password')) {
      fail('conflicting options: cannot specify both --password and --password-stdin');
    }
    if (!changed.has('username')) fail('the --password-stdin option requires --username to be set');
  }
  if (changed.has('username') && username === '') fail('username is empty');
  if (changed.has('password') && password === '') fail('password is empty');
}

async function passwordFromStdin(cli: Cli): Promise<string> {
  const chunks: Buffer[] = [];
  // Somebody may type it, and think better of it.
  const leave = () => cli.stdin.destroy(cli.signal.reason);
  cli.signal.addEventListener('abort', leave, { once: true });
  for await (const chunk of cli.stdin) chunks.push(Buffer.from(chunk));
  cli.signal.removeEventListener('abort', leave);
  return Buffer.concat(chunks).toString();
}

interface UserPassword {
  username: string;
  password: string;
}

/** @returns false when what is kept is not good any more */
async function retryLogin(cli: Cli, server: LoginServer, saved: UserPassword, context: LoginContext): Promise<boolean> {
  const { name } = cli;
  cli.stderr.write(`Authenticating with existing credentials... [Username: ${saved.username}]\n`);
  cli.stderr.write(
    `\n Info -> To login with a different account, run '${name} logout' followed by '${name} login'\n\n\n`,
  );
  try {
    await loginAndReport(cli, server, saved, context);
    return true;
  } catch (error) {
    cli.signal.throwIfAborted();
    const refused = isDockerError(error, 'unauthorized');
    const reason = error instanceof Error ? error.message : String(error);
    cli.stderr.write(refused ? 'Stored credentials invalid or expired\n' : `Login did not succeed, error: ${reason}\n`);
    return false;
  }
}

async function complete(
  cli: Cli,
  { domain }: LoginServer,
  given: UserPassword,
  defaultUser: string,
): Promise<UserPassword> {
  let { username, password } = given;
  if (username === '') {
    if (domain === 'docker.io') {
      cli.stdout.write('Log in with your Docker ID or email address to push and pull images from Docker Hub.\n');
    }
    username = (await askLine(cli, defaultUser === '' ? 'Username: ' : `Username (${defaultUser}): `)) || defaultUser;
    if (username === '') throw new StatusError(1, 'Error: Non-null Username Required');
  }
  if (password.trim() === '') {
    password = await askSecret(cli, 'Password: ');
    if (password === '') throw new StatusError(1, 'Error: Password Required');
  }
  return { username, password };
}

async function loginAndReport(
  cli: Cli,
  server: LoginServer,
  credential: UserPassword,
  context: LoginContext,
): Promise<void> {
  const { unencryptedIn } = await login(server, credential, context);
  if (unencryptedIn !== undefined) {
    cli.stderr.write(
      `\nWARNING! Your credentials are stored unencrypted in '${unencryptedIn}'.\n` +
        'Configure a credential helper to remove this warning. See\n' +
        'https://docs.docker.com/go/credential-store/\n\n',
    );
  }
  cli.stdout.write('Login Succeeded\n');
}
