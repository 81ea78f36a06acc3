import { prepareBoth, scenario, step } from '../harness/compare.ts';
import { idle } from '../harness/containers.ts';

prepareBoth();

scenario('the life of a container', async (who, see) => {
  const state = ['inspect', '-f', '{{.State.Status}} {{.State.Running}} {{.State.Paused}} {{.State.ExitCode}}', 'life'];
  let count = 0;
  const say = (args: string[]) => step(who, (what, seen) => see(`${count++} ${what}`, seen), args, { stderr: true });
  await say(['create', '--name', 'life', 'bb', ...idle]);
  for (const verb of ['start', 'pause', 'unpause', 'stop', 'start', 'restart', 'kill', 'start', 'stop']) {
    await say([verb, 'life']);
    await say(state);
  }
  await say(['wait', 'life']);
  await say(['rename', 'life', 'second']);
  await say(['rm', 'life']);
  await say(['rm', 'second']);
  await say(['rm', '-f', 'second']);
});
