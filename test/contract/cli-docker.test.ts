import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tryLine } from '../unit/cli/fixture.ts';

const home = mkdtempSync(join(tmpdir(), 'nerdctl-docker-cli-'));
after(() => rmSync(home, { recursive: true }));

function docker(line: readonly string[]) {
  // No daemon is asked: help and usage errors come from the client alone.
  const env = { PATH: process.env.PATH, HOME: home, DOCKER_HOST: `unix://${home}/none.sock` };
  return spawnSync('docker', [...line], { encoding: 'utf8', env, timeout: 20_000 });
}

const client = docker(['--version']);
const skip = /version 2[89]\./.test(client.stdout ?? '') ? false : 'this machine lacks a docker client, 28 or 29';

/** Lines that docker answers by itself; the fixture declares the same commands. */
const lines = `
ps --help
ps -h
container ls --help
container ps --help
container list --nope
rm --help
container rm --help
rename --help
wait --help
help ps
help container ls
help foo
help help foo
help help
help container foo
volume --nope
help ps foo
help --nope
help --help
--help ps
container --help ls
ps x
ps -- --help
rm
container rm
rename a
rename a b c
wait
run
run -t
volume create --nope
foo
foo bar
container foo
container help
volume foo
container --nope ls
--nope
--nope ps
-Z
-DZ ps
--=x
ps --=x
ps ---x
ps -=x
ps -q=x
ps -aZ
ps --quiet=
ps -n x
ps -nx
ps --last=1x
ps --last=99999999999999999999
ps --last
ps -n
ps -an
ps --no-trunc=perhaps
rm -f=2
rm --volumes=x y
run -h
run --hostname
run -th
run --tty=x image
run -x image
-l
--log-level
-D=maybe ps
--debug=x ps
`
  .trim()
  .split('\n');

for (const line of lines) {
  test(`docker ${line}`, { skip }, async () => {
    const words = line.split(' ');
    const theirs = docker(words);
    const ours = await tryLine(words, 'docker');
    assert.equal(ours.call, undefined, 'the command would have run');
    assert.deepEqual(
      { exitCode: ours.exitCode, stdout: ours.stdout, stderr: ours.error === undefined ? '' : `${ours.error}\n` },
      { exitCode: theirs.status, stdout: theirs.stdout, stderr: theirs.stderr },
    );
  });
}
