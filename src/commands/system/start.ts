import { defineCommand, noArgs } from '../../cli/command.ts';
import { errorSentence } from '../../cli/report.ts';
import { whoseProcess } from '../../engine/service/observe.ts';
import { startService } from '../../engine/service/start.ts';
import { byRootlessScript } from './rootless.ts';

export const command = defineCommand({
  use: 'start',
  short: 'Start containerd, and BuildKit if it is installed, where systemd does not',
  args: noArgs,
  outside: true,
  flags: {},
  run: async (cli) => {
    const code = await byRootlessScript(cli, ['start']);
    if (code !== undefined) return code;
    await startService(await cli.engine(), cli.env, {
      service({ plan, state, started }) {
        const which = started ? `started as ${whoseProcess(state)}` : `runs already: ${whoseProcess(state)}`;
        cli.stdout.write(`${plan.name} ${which}, socket ${plan.socket}${state.ours ? `, log ${plan.log}` : ''}\n`);
      },
      problem: (sentence) => cli.stderr.write(`${sentence}\n`),
      restored(containers) {
        const started = containers.filter(({ error }) => error === undefined);
        if (started.length > 0) cli.stdout.write(`containers started: ${started.map(({ name }) => name).join(' ')}\n`);
        for (const { name, error } of containers)
          if (error !== undefined) cli.stderr.write(`container ${name} was not started: ${errorSentence(error)}\n`);
      },
    });
  },
});
