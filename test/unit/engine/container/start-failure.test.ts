import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFailure } from '../../../../src/engine/container/start-failure.ts';

const runc = 'failed to create shim task: OCI runtime create failed: runc create failed: ';
const init = `${runc}unable to start container process: `;
const cases: [message: string, exitCode: number, sentence: string][] = [
  [`${init}exec: "nosuch": executable file not found in $PATH`, 127, ''],
  [`${init}exec: "/etc": permission denied`, 126, ''],
  [`${init}error mounting`, 128, ''],
  [
    `${init}unable to apply cgroup configuration: mkdir /sys/fs/cgroup/cpuset/default/c1: permission denied`,
    128,
    'a user without root cannot make the cgroup /sys/fs/cgroup/cpuset/default/c1: leave --cgroup-manager out, which finds what works',
  ],
  [
    `${runc}systemd not running on this host, cannot use systemd cgroups manager`,
    128,
    'no systemd answers that could make cgroups: leave --cgroup-manager out, which finds what works',
  ],
  [
    `${runc}open /srv/data/x: no such file or directory`,
    127,
    'containerd does not find /srv/data/x: a nerdctl that runs in a container needs the directory of the machine (-v /srv/data:/srv/data)',
  ],
  [
    `containerd-shim: opening file "/home/me/nerdctl/1935db59/containers/ns/c1/stdout" failed: open /home/me/nerdctl/1935db59/containers/ns/c1/stdout: no such file or directory`,
    127,
    'containerd does not find /home/me/nerdctl/1935db59/containers/ns/c1/stdout: a nerdctl that runs in a container needs the directory of the machine (-v /home/me/nerdctl:/home/me/nerdctl)',
  ],
];

for (const [message, exitCode, sentence] of cases)
  test(message, () => {
    const failure = startFailure(new Error(message), { settings: { dataRoot: '/srv/data' } } as never);
    assert.deepEqual([failure.exitCode, failure.error.message], [exitCode, sentence || message]);
  });
