import { defineCommand, noArgs } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { stopService } from '../../engine/service/stop.ts';
import { byRootlessScript } from './rootless.ts';

export const command = defineCommand({
  use: 'stop [OPTIONS]',
  short: 'Stop the containers, and what "nerdctl system start" has started',
  args: noArgs,
  outside: true,
  flags: {
    'live-restore': { type: 'bool', help: 'Leave the containers running' },
    timeout: { type: 'int', short: 't', help: 'Seconds to wait before killing a container' },
  },
  run: async (cli, _args, flags) => {
    const timeout = flags.changed.has('timeout') ? flags.timeout : undefined;
    const words = ['stop', ...(timeout === undefined ? [] : ['--time', String(timeout)])];
    const code = await byRootlessScript(cli, words, flags['live-restore'] && '--live-restore');
    if (code !== undefined) return code;
    const options = { timeout, liveRestore: flags['live-restore'] };
    await stopService(await cli.engine(), cli.env, options, {
      containers(stopped) {
        if (stopped.length > 0) cli.stdout.write(`containers stopped: ${stopped.map(({ name }) => name).join(' ')}\n`);
        for (const { name, error } of stopped)
          if (error !== undefined) cli.stderr.write(`container ${name}: ${errorSentence(error)}\n`);
      },
      stopped: ({ name }, pid) => cli.stdout.write(`${name} stopped (process ${pid})\n`),
      notRunning: ({ name }) => cli.stdout.write(`${name} does not run\n`),
    });
  },
});
