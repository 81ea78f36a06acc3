import { atMost, defineCommand } from '../../cli/command.ts';
import { loginServer, logout } from '../../engine/registry/login.ts';
import { dockerConfigDir } from '../image/docker-config.ts';

export const command = defineCommand({
  use: 'logout [SERVER]',
  short: 'Log out from a registry',
  long: 'Log out from a registry.\nIf no server is specified, the default is defined by the daemon.',
  args: atMost(1),
  outside: true,
  flags: {},
  run: async (cli, [given = '']) => {
    const server = loginServer(given);
    cli.stdout.write(`Removing login credentials for ${server.key}\n`);
    const failures = await logout(server, dockerConfigDir(cli));
    if (failures.size === 0) return;
    cli.stderr.write('WARNING: could not erase credentials:\n');
    for (const [key, { message }] of failures) cli.stderr.write(`${key}: ${message}\n`);
  },
});
