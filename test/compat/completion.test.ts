import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { lacksDocker, type SideDocker, startDocker } from '../harness/side-docker.ts';

const box = openBox(import.meta.url);
const skip = lacksDocker('28.5');
let docker: SideDocker;

/** Both have the same containers, images and volumes. */
const things = [
  ['create', '--name', 'made', 'bb', 'true'],
  ['run', '-d', '--network', 'none', '--name', 'up', 'bb', 'sleep', '1000'],
  ['run', '-d', '--network', 'none', '--name', 'held', 'bb', 'sleep', '1000'],
  ['pause', 'held'],
  ['volume', 'create', 'data'],
  ['tag', 'bb', 'localhost:5000/bb:2'],
];

/** Lines whose words must be the same, whatever their order; a blank at the end begins a word. */
const same = `
ps -
ps -a -
ps --
ps --no
ps -q --la
start -
stop --
rm -
rm -f -
logs --
pause -
rename -
kill -
top -
container ren
container --
volume rm -
network rm -
network prune --
image tag -
history -
completion 
sto
run --pu
run --pull 
run --pull=
run --restart 
run --attach 
run --cgroupns 
run --ipc 
run --ipc container:
run --pid 
run --uts 
run --userns 
run --cap-add 
run --cap-drop=
run --security-opt 
run --network 
run --network=none 
run --volumes-from 
run --env-file 
run --name 
run 
run x
run bb 
create 
start 
stop 
exec 
attach 
pause 
unpause 
kill 
restart 
logs 
wait 
rm 
rm -f 
rm --force=true 
rename 
commit 
port 
top 
stop -t 3 
rmi 
push 
tag 
history 
save 
volume rm 
volume inspect 
network rm 
network inspect 
build 
build -f 
load -i 
ps --nope 
ps --nope=
nope 
--log-level 
`;

/** Words that only one of the two has, by their line. */
const own: Readonly<Record<string, readonly string[]>> = {
  'history -': ['-f'],
  'logs --': ['--details'],
  'run --network ': ['container:'],
  'start -': ['--checkpoint', '--checkpoint-dir'],
};

interface Offered {
  words: string[];
  directive: string;
}

/** As the shell would: without the words that do not begin as the typed one. Docker has --help at some commands only. */
function offered(stdout: string, text: string): Offered {
  const rows = stdout.trimEnd().split('\n');
  const directive = rows.pop() ?? '';
  const typed = (text.split(' ').at(-1) ?? '').replace(/^-[^=]*=/, '');
  const left = ['--help', ...(own[text] ?? [])];
  const words = rows.filter((row) => row.startsWith(typed) && !left.includes(row.split('\t')[0] ?? ''));
  return { words: words.sort(), directive };
}

describe('what is offered is what docker offers', { skip }, () => {
  before(async () => {
    docker = await startDocker('28.5');
    await docker.run(['load', '-i', box.lane.archive]);
    for (const args of things) {
      const [theirs] = await Promise.all([docker.run(args), box.ok(args)]);
      assert.equal(theirs.code, 0, theirs.stderr);
    }
  });
  after(async () => {
    const ids = (await docker.run(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
    await docker.run(['rm', '-f', '-v', ...ids]);
    await docker.stop();
  });

  for (const text of same.split('\n').filter((each) => each.trim() !== ''))
    test(text, async () => {
      const line = ['__complete', ...text.split(' ')];
      const [theirs, ours] = await Promise.all([docker.run(line), box.nerdctl(line)]);
      const shown = [ours.code, ours.stderr, offered(ours.stdout, text)];
      assert.deepEqual(shown, [0, '', offered(theirs.stdout, text)]);
    });
});
