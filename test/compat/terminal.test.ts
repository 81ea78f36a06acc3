import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Player, prepareBoth } from '../harness/compare.ts';
import { idle } from '../harness/containers.ts';

const both = prepareBoth();

/** Plays a dialogue on a terminal with both programs; what it returns must be the same. */
function dialogue(title: string, play: (who: Player, name: string) => Promise<unknown>): void {
  test(title, async () => {
    const [docker, nerdctl] = await Promise.all(both.map((who) => play(who, `tty-${who.program}`)));
    assert.deepEqual(nerdctl, docker);
  });
  test(`${title}: nothing stays`, async () => {
    await Promise.all(both.map((who) => who.run(['rm', '-f', `tty-${who.program}`])));
  });
}

function changeTwice(terminal: ReturnType<Player['terminal']>): void {
  terminal.resize(100, 29);
  terminal.resize(100, 30);
}

dialogue('run -it: a shell, its size, its exit code', async (who, name) => {
  const terminal = who.terminal(['run', '--rm', '-it', '--name', name, 'bb', 'sh']);
  await terminal.shows(/# /);
  terminal.type('stty size; tty; echo "$TERM"\r');
  const [, size] = await terminal.shows(/\n(\d+ \d+)\r\n\/dev\/pts\/0\r\nxterm\r\n/);
  terminal.resize(100, 30);
  // Docker's client listens for changes only after its first size has been answered, and then knows nothing of this one.
  const again = who.program === 'docker' ? setInterval(() => changeTwice(terminal), 1_000) : undefined;
  terminal.type('until stty size | grep -w 30; do sleep 0.1; done\r');
  await terminal.shows('\n30 100\r\n').finally(() => clearInterval(again));
  terminal.type('exit 7\r');
  return { size, end: await terminal.ended };
});

dialogue('run -it: Ctrl-C is for the program inside', async (who, name) => {
  const terminal = who.terminal([
    'run',
    '--rm',
    '-it',
    '--name',
    name,
    'bb',
    'sh',
    '-c',
    'trap "exit 4" INT; echo ready; while :; do sleep 0.1; done',
  ]);
  await terminal.shows('ready');
  terminal.type('\x03');
  return terminal.ended;
});

dialogue('run without a terminal of its own: Ctrl-C is passed on', async (who, name) => {
  const terminal = who.terminal([
    'run',
    '--rm',
    '--name',
    name,
    'bb',
    'sh',
    '-c',
    'trap "exit 4" INT; echo ready; while :; do sleep 0.1; done',
  ]);
  await terminal.shows('ready');
  terminal.type('\x03');
  return terminal.ended;
});

dialogue('exec -it: a shell, its exit code', async (who, name) => {
  await who.run(['run', '-d', '--name', name, 'bb', ...idle]);
  const terminal = who.terminal(['exec', '-it', '-e', 'A=1', '-w', '/tmp', name, 'sh']);
  await terminal.shows(/# /);
  terminal.type('echo $A $PWD; tty\r');
  const [, said] = await terminal.shows(/\n(1 \/tmp\r\n\/dev\/pts\/\d)\r\n/);
  terminal.type('exit 9\r');
  return { said, end: await terminal.ended };
});

dialogue('exec -it: the detach keys leave the command alone', async (who, name) => {
  await who.run(['run', '-d', '--name', name, 'bb', ...idle]);
  const terminal = who.terminal(['exec', '-it', name, 'sh']);
  await terminal.shows(/# /);
  terminal.type('\x10\x11');
  const { code } = await terminal.ended;
  return { code, running: (await who.run(['inspect', '-f', '{{.State.Running}}', name])).stdout };
});

dialogue('attach from two terminals, detach one', async (who, name) => {
  await who.run(['run', '-dit', '--name', name, 'bb', 'sh']);
  const [first, second] = [who.terminal(['attach', name]), who.terminal(['attach', '--detach-keys', 'ctrl-a,x', name])];
  first.type('\r');
  await Promise.all([first.shows(/# /), second.shows(/# /)]);
  first.type('echo to-both | tr a-z A-Z\r');
  await Promise.all([first.shows('TO-BOTH'), second.shows('TO-BOTH')]);
  second.type('\x01x');
  const detached = await second.ended;
  first.type('echo still | tr a-z A-Z\r');
  await first.shows('STILL');
  first.type('exit 6\r');
  return { detached: detached.code, end: await first.ended };
});

dialogue('run -it: detached, attached again, exited', async (who, name) => {
  const terminal = who.terminal(['run', '-it', '--name', name, 'bb', 'sh']);
  await terminal.shows(/# /);
  terminal.type('\x10\x11');
  const { code } = await terminal.ended;
  const running = (await who.run(['inspect', '-f', '{{.State.Running}}', name])).stdout;
  const again = who.terminal(['attach', name]);
  again.type('\r');
  await again.shows(/# /);
  again.type('exit 5\r');
  const end = await again.ended;
  return { code, running, end, exitCode: (await who.run(['inspect', '-f', '{{.State.ExitCode}}', name])).stdout };
});

dialogue('start -ai', async (who, name) => {
  await who.run(['create', '-it', '--name', name, 'bb', 'sh']);
  const terminal = who.terminal(['start', '-ai', name]);
  await terminal.shows(/# /);
  terminal.type('exit 3\r');
  return terminal.ended;
});

dialogue('logs of a terminal, followed until Ctrl-C', async (who, name) => {
  await who.run(['run', '-dt', '--name', name, 'bb', 'sh', '-c', 'echo one; echo two; sleep 99']);
  const terminal = who.terminal(['logs', '-f', name]);
  await terminal.shows(/one\r?\r?\ntwo/);
  terminal.type('\x03');
  return terminal.ended;
});
