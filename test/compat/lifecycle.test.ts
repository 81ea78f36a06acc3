import { prepareBoth, scenario, step } from '../harness/compare.ts';
import { idle } from '../harness/containers.ts';

prepareBoth();

scenario('the life of a container', async (who, see) => {
  const state = ['inspect', '-f', '{{.State.Status}} {{.State.Running}} {{.State.Paused}} {{.State.ExitCode}}', 'life'];
  const say = (args: string[]) => step(who, (what, seen) => see(`${count++} ${what}`, seen), args, { stderr: true });
  let count = 0;
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

scenario('errors of containers that are not there', async (who, see) => {
  for (const verb of [
    'start',
    'stop',
    'restart',
    'kill',
    'rm',
    'pause',
    'unpause',
    'wait',
    'logs',
    'port',
    'top',
    'attach',
    'inspect',
  ]) {
    await step(who, see, [verb, 'no-such'], { stderr: true });
  }
  await step(who, see, ['exec', 'no-such', 'true'], { stderr: true });
  await step(who, see, ['rename', 'no-such', 'other'], { stderr: true });
});

scenario('errors of states', async (who, see) => {
  await who.run(['create', '--name', 'made', 'bb', ...idle]);
  await who.run(['run', '-d', '--name', 'runs', 'bb', ...idle]);
  for (const args of [
    ['pause', 'made'],
    ['unpause', 'runs'],
    ['kill', 'made'],
    ['exec', 'made', 'true'],
    ['attach', 'made'],
    ['rm', 'runs'],
    ['rename', 'made', 'runs'],
  ]) {
    await step(who, see, args, { stderr: true });
  }
  await who.run(['rm', '-f', 'made', 'runs']);
});

scenario('exec', async (who, see) => {
  await who.run(['run', '-d', '--name', 'host', '-e', 'OF_RUN=1', 'bb', ...idle]);
  const commands = [
    ['host', 'echo', 'x'],
    ['-e', 'A=1', '-w', '/etc', 'host', 'sh', '-c', 'echo $A $OF_RUN; pwd'],
    ['-u', 'web', 'host', 'id'],
    ['host', 'sh', '-c', 'exit 7'],
    ['-d', 'host', 'true'],
    ['host'],
    ['--nope', 'host', 'true'],
  ];
  for (const args of commands) await step(who, see, ['exec', ...args], { stderr: true });
  await step(who, see, ['exec', '-i', 'host', 'cat'], { input: 'in\n' });
  await who.run(['rm', '-f', 'host']);
});

scenario('logs', async (who, see) => {
  await who.run(['run', '--name', 'logged', 'bb', 'sh', '-c', 'echo one; echo two >&2; echo three; printf four']);
  for (const flags of [
    [],
    ['-n', '2'],
    ['--tail', 'all'],
    ['-t'],
    ['--since', '1h'],
    ['--until', '1h'],
    ['--tail', 'x'],
    ['-f'],
  ]) {
    await step(who, see, ['logs', ...flags, 'logged'], { stderr: true });
  }
  await who.run(['rm', 'logged']);
});

scenario('ps', async (who, see) => {
  await who.run(['run', '-d', '--name', 'up', '-l', 'a=1', '-p', '8500:80', 'web']);
  await who.run(['run', '--name', 'down', 'bb', 'false']);
  for (const flags of [
    [],
    ['-a'],
    ['-q'],
    ['-a', '--no-trunc'],
    ['-l'],
    ['-n', '1'],
    ['-a', '--format', 'table {{.Names}}\t{{.State}}\t{{.Label "a"}}'],
    ['-a', '--filter', 'exited=1'],
    ['--filter', 'nope=1'],
    ['x'],
  ]) {
    await step(who, see, ['ps', ...flags], { stderr: true });
  }
  await step(who, see, ['port', 'up']);
  await who.run(['rm', '-f', 'up', 'down']);
});
