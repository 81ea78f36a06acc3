import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { type ContainerJson, idle } from '../harness/containers.ts';

const box = openBox(import.meta.url);

test('run -it: a shell on a terminal of the right size, its exit code is ours', async () => {
  await box.leavesNothing(async () => {
    const shell = box.terminal(['run', '--rm', '-it', 'bb', 'sh'], { columns: 91, rows: 23 });
    await shell.shows('# ');
    shell.type('stty size; tty\r');
    await shell.shows('23 91');
    await shell.shows('/dev/pts/0');
    shell.resize(100, 40);
    shell.type('sleep 0.2; stty size\r');
    await shell.shows('40 100');
    shell.type('exit 6\r');
    assert.equal((await shell.ended).code, 6);
  });
});

test('ctrl-c goes to the process in the container', async () => {
  const shell = box.terminal(['run', '--rm', '-it', 'bb', 'sh']);
  await shell.shows('# ');
  shell.type("trap : INT; (echo be'gun'; exec sleep 100)\r");
  await shell.shows('begun');
  shell.type('\x03');
  await shell.shows('# ');
  shell.type('echo code $?\r');
  await shell.shows('code 130');
  shell.type('exit\r');
  await shell.ended;
});

test('the detach keys leave it running, attach comes back', async () => {
  const name = box.name();
  const first = box.terminal(['run', '-it', '--name', name, 'bb', 'sh']);
  await first.shows('# ');
  first.type('\x10\x11');
  assert.equal((await first.ended).code, 0);
  assert.equal((await box.inspect<ContainerJson>(name)).State.Running, true);
  const second = box.terminal(['attach', name]);
  second.type('echo I am $((40 + 2))\r');
  await second.shows('I am 42');
  second.type('exit 3\r');
  assert.equal((await second.ended).code, 3);
  await box.ok(['rm', name]);
});

test('--detach-keys changes them', async () => {
  const name = box.name();
  const shell = box.terminal(['run', '-it', '--detach-keys', 'ctrl-a,d', '--name', name, 'bb', 'sh']);
  await shell.shows('# ');
  shell.type('\x01d');
  await shell.ended;
  assert.equal((await box.inspect<ContainerJson>(name)).State.Running, true);
  await box.ok(['rm', '-f', name]);
});

test('exec -it', async () => {
  const id = await box.ok(['run', '-d', 'bb', ...idle]);
  const shell = box.terminal(['exec', '-it', '-e', 'PS1=> ', id, 'sh'], { columns: 77, rows: 20 });
  await shell.shows('> ');
  shell.type('stty size\r');
  await shell.shows('20 77');
  shell.type('exit 9\r');
  assert.equal((await shell.ended).code, 9);
  await box.ok(['rm', '-f', id]);
});

test('-t with -i but no terminal is refused; a tty alone is not', async () => {
  await box.fails(['run', '--rm', '-it', 'bb', 'true'], 1, /the input device is not a TTY/, { input: '' });
  assert.match(await box.ok(['run', '--rm', '-t', 'bb', 'tty']), /^\/dev\/pts\/0\r?$/);
});

test('the terminal is as before afterwards', async () => {
  const outer = box.terminal(['run', '--rm', '-it', 'bb', 'true']);
  assert.equal((await outer.ended).code, 0);
  assert.doesNotMatch(outer.screen(), /Error/);
});
