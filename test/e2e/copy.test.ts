import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { eventually } from '../harness/eventually.ts';
import { builtProgram, run } from '../harness/program.ts';
import { openTerminal } from '../harness/pty.ts';

const box = openBox(import.meta.url);
const { user } = box.lane;
/** Of what a user of this lane copies into a container. */
const owner = user ? `${user.uid}:${user.uid}` : '0:0';
const secret = join(box.dir, 'secret');
const exec = (name: string, script: string) => box.ok(['exec', name, 'sh', '-c', script]);
const shell = (script: string) =>
  run('sh', ['-c', script], { env: { CONTAINERD_NAMESPACE: box.namespace, D: builtProgram }, cwd: box.dir });

let name: string;
before(async () => {
  name = box.name();
  writeFileSync(secret, 'secret of the machine\n');
  await box.ok([
    'run',
    '-d',
    '--name',
    name,
    '--tmpfs',
    '/tm',
    '-v',
    'copied:/vol',
    '-v',
    `${box.dir}:/bind:ro`,
    'bb',
    'sleep',
    '999',
  ]);
});

test('there and back: what runs, what has stopped, its volumes and a tmpfs', async () => {
  const dir = join(box.dir, 'tree');
  mkdirSync(join(dir, 'closed'), { recursive: true });
  writeFileSync(join(dir, 'closed', 'x'), 'x');
  writeFileSync(join(dir, 'tool'), 'tool');
  chmodSync(join(dir, 'tool'), 0o4751);
  chmodSync(join(dir, 'closed'), 0o555);
  symlinkSync('../../gone', join(dir, 'link'));
  const stopped = box.name();
  await box.ok(['create', '--name', stopped, '-v', 'copied:/vol', 'bb', 'cat', '/new/tree/tool']);
  assert.equal(await box.ok(['__complete', 'cp', name.slice(0, -1)]), `${name}:\n:2`);
  assert.equal(await box.ok(['__complete', 'cp', `${name}:/x`, '']), ':0');
  await exec(name, 'echo t > /tm/t; echo v > /vol/v');
  for (const place of ['/vol', '/tm']) {
    assert.equal(await box.ok(['cp', dir, `${name}:${place}`]), '');
    const back = join(box.dir, `back${place.replace('/', '-')}`);
    await box.ok(['cp', `${name}:${place}/tree`, back]);
    assert.equal(readFileSync(join(back, 'tool'), 'utf8'), 'tool');
    assert.equal((lstatSync(join(back, 'tool')).mode & 0o7777).toString(8), '4751');
    assert.equal(lstatSync(join(back, 'tool')).uid, user?.uid ?? 0);
    assert.equal((lstatSync(join(back, 'closed')).mode & 0o777).toString(8), '555');
    assert.equal(readlinkSync(join(back, 'link')), '../../gone');
  }
  assert.equal(await exec(name, 'stat -c "%u:%g %a" /vol/tree/tool'), `${owner} 4751`);
  await box.fails(
    ['cp', dir, `${name}:/bind/`],
    1,
    /^Error response from daemon: mounted volume is marked read-only$/m,
  );
  // The volume is the same, and its files are there before the container has run.
  await box.ok(['cp', `${name}:/vol`, join(box.dir, 'new')]);
  await box.ok(['cp', join(box.dir, 'new'), `${stopped}:/`]);
  await box.ok(['cp', `${stopped}:/vol/tree/tool`, join(box.dir, 'tool')]);
  assert.equal(await box.ok(['start', '-a', stopped]), 'tool');
  await box.ok(['rm', stopped]);
  // A user removes nothing below a directory that is closed.
  await shell('chmod -R u+w .');
});

test('-a gives the files to the user of the container', async () => {
  const other = box.name();
  await box.ok(['create', '--name', other, '-u', '5:6', 'bb', 'stat', '-c', '%u:%g', '/kept', '/given']);
  await box.ok(['cp', secret, `${other}:/kept`]);
  await box.ok(['cp', '-a', secret, `${other}:/given`]);
  assert.equal(await box.ok(['start', '-a', other]), `${owner}\n5:6`);
  await box.ok(['rm', other]);
});

test('no link of a container leads out of it, not even one that changes while it is read', async () => {
  const evil = box.name();
  const swap = `mkdir /d /e; echo mine > /d/secret; ln -s ${box.dir} /e/d; echo mine > /own; ln -s ${box.dir} /out; ln -s /proc/1/root${box.dir} /p; touch /go
    while :; do mv /d /w; mv /e/d /d; mv /d /e/d; mv /w /d; done`;
  await box.ok(['run', '-d', '--name', evil, 'bb', 'sh', '-c', swap]);
  await eventually(async () => (await box.nerdctl(['exec', evil, 'ls', '/go'])).code === 0, 'the links');
  await box.fails(['cp', `${evil}:/out/secret`, '-'], 1, /Could not find the file \/out\/secret in container/);
  await box.fails(['cp', `${evil}:/p/secret`, '-'], 1, /Could not find the file/);
  await box.fails(['cp', `${evil}:../../../..${secret}`, '-'], 1, /Could not find the file/);
  await box.fails(['cp', secret, `${evil}:/out/planted`], 1, /Could not find the file/);
  await box.nerdctl(['cp', `${evil}:/`, join(box.dir, 'whole')]);
  for (let n = 0; n < 2; n++) {
    const { stdout } = await box.nerdctl(['cp', `${evil}:/d/secret`, '-']);
    assert.doesNotMatch(stdout, /secret of the machine/);
    await box.nerdctl(['cp', secret, `${evil}:/d/planted`]);
    await box.nerdctl(['cp', `${evil}:/d`, join(box.dir, 'whole')]);
  }
  assert.equal(existsSync(join(box.dir, 'planted')), false);
  assert.equal(readFileSync(secret, 'utf8'), 'secret of the machine\n');
  await box.ok(['rm', '-f', evil]);
});

test('archives: hostile ones, compressed ones, ones with long names; a FIFO; a reader that goes away', async () => {
  const { stdout, stderr } = await shell(`
    mkdir s && cd s && ln -s /etc el && tar cf ../s.tar el && rm el && mkdir el && echo evil > el/new && tar rf ../s.tar el/new && cd ..
    $D exec ${name} mkdir /in; $D cp - ${name}:/in < s.tar; echo $?; $D exec ${name} sh -c 'ls /etc/new'
    (cd s; tar cPf ../up.tar ../secret); $D cp - ${name}:/in < up.tar; echo $?
    n=$(printf '%0150d' 7); mkdir -p long/$n; echo deep > long/$n/ü; tar --format=gnu -cJf - long | $D cp - ${name}:/in; $D cp ${name}:/in/long - | tar xOf - long/$n/ü
    $D exec ${name} mknod /fifo p; $D cp ${name}:/fifo - | tar tf -
    $D cp ${name}:/ - | head -c 1; head -c 700 s.tar | tail -c 600 | $D cp - ${name}:/in; echo $?`);
  assert.deepEqual(stdout.split('\n').slice(0, 6), ['1', '1', 'deep', 'fifo', '/1', '']);
  assert.match(stderr, /ls: \/etc\/new: No such file or directory/);
  assert.match(stderr, /Error response from daemon: invalid entry name "\.\.\/secret"/);
  assert.match(stderr, /Error response from daemon: archive\/tar: invalid tar header/);
});

test('what it says on a terminal, and what it cannot read', async () => {
  const terminal = openTerminal(builtProgram, ['cp', secret, `${name}:/s`], {
    env: { CONTAINERD_NAMESPACE: box.namespace },
  });
  await terminal.shows(/Successfully copied 2\.05kB to \S+:\/s/);
  assert.equal((await terminal.ended).code, 0);
  if (!user) return;
  await box.fails(['cp', '/etc/shadow', `${name}:/`], 1, /^open shadow: permission denied$/m);
  // In RootlessKit's own /etc it is a link.
  await box.ok(['cp', '/etc/hostname', `${name}:/hostname`]);
  assert.equal(await exec(name, 'stat -c %F /hostname'), 'regular file');
  await box.fails(['cp', `${name}:/hostname`, '/etc/planted'], 1, /permission denied/);
});

test('a killed copy leaves nothing, and a container that stopped can be started', async () => {
  const big = box.name();
  await box.ok(['run', '--name', big, 'bb', 'dd', 'if=/dev/zero', 'of=/big', 'bs=1M', 'count=1', 'seek=9000']);
  await box.leavesNothing(async () => {
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const copy = box.start(['cp', `${big}:/big`, '-']);
      await new Promise((resolve) => copy.child.stdout?.once('data', resolve));
      copy.child.stdout?.pause();
      const exited = once(copy.child, 'exit');
      copy.kill(signal);
      const [code] = await exited;
      // Not before: a reader that goes away is another end.
      copy.child.stdout?.destroy();
      await copy.result;
      if (signal === 'SIGINT') assert.equal(code, 130);
    }
    await box.ok(['start', '-a', big]);
  });
  await box.ok(['rm', big]);
});
