import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';
import type { ContainerJson } from '../harness/containers.ts';

const box = openBox(import.meta.url);
const domainname = box.lane.user ? '(none)' : 'example.net';
const envFile = join(box.dir, 'env');
const labelFile = join(box.dir, 'labels');
writeFileSync(envFile, '# a comment\nFROM_FILE=1\nHOST_ONE\n\nSPACES=a b  c\n');
writeFileSync(labelFile, 'from.file=yes\nbare\n');

/** Flags, a script for the container, what it prints. */
const table: [flags: string[], script: string, out: string | RegExp][] = [
  [['-e', 'A=1', '-e', 'B=x=y', '--env', 'C='], 'echo $A $B [$C]', '1 x=y []'],
  [['-e', 'HOST_ONE'], 'echo $HOST_ONE', 'from the host'],
  [['-e', 'NOT_THERE'], 'env | grep -c NOT_THERE', '0'],
  [['--env-file', envFile], 'echo "$FROM_FILE $HOST_ONE $SPACES"', '1 from the host a b  c'],
  [['-w', '/srv/deep'], 'pwd', '/srv/deep'],
  [['-u', '1000'], 'id -u; id -g', '1000\n1000'],
  [['-u', 'web'], 'id', /^uid=1000\(web\) gid=1000\(web\) groups=.*1001\(extra\)/],
  [['-u', '1234:5678'], 'id -u; id -g', '1234\n5678'],
  [['--group-add', 'extra', '--group-add', '777'], 'id -G', /\b1001\b.*\b777\b|\b777\b.*\b1001\b/],
  [['-h', 'box'], 'hostname; cat /etc/hostname', 'box\nbox'],
  [['--hostname', 'box', '--domainname', 'example.net'], 'cat /proc/sys/kernel/domainname', domainname],
  [
    ['--add-host', 'a.test:10.1.2.3', '--add-host', 'b.test=10.1.2.4'],
    "grep -E '[ab].test' /etc/hosts | tr '\\t' ' '",
    '10.1.2.3 a.test\n10.1.2.4 b.test',
  ],
  [['--add-host', 'gw:host-gateway'], 'awk \'$2 == "gw" {print $1}\' /etc/hosts', /^\d+\.\d+\.\d+\.\d+$/],
  [
    ['--dns', '10.9.9.9', '--dns-search', 'example.net', '--dns-option', 'ndots:3'],
    'cat /etc/resolv.conf',
    /nameserver 10\.9\.9\.9[\s\S]*/,
  ],
  [
    ['--dns-search', 'example.net', '--dns-opt', 'ndots:3'],
    'cat /etc/resolv.conf',
    /search example\.net[\s\S]*options ndots:3|options ndots:3[\s\S]*search example\.net/,
  ],
  [['--read-only'], 'touch /x 2>&1; true', /Read-only file system/],
  [['--read-only', '--tmpfs', '/tmp:size=1m'], "touch /tmp/x && df -k /tmp | awk 'END {print $2}'", '1024'],
  [['--tmpfs', '/scratch:mode=1777,uid=1000'], "stat -c '%a %u' /scratch", '1777 1000'],
  [['--shm-size', '3m'], "df -k /dev/shm | awk 'END {print $2}'", '3072'],
  [['--ulimit', 'nofile=500:600'], 'ulimit -Sn; ulimit -Hn', '500\n600'],
  [
    ['--sysctl', 'net.ipv4.ip_unprivileged_port_start=1234'],
    'cat /proc/sys/net/ipv4/ip_unprivileged_port_start',
    '1234',
  ],
  [['--oom-score-adj', '500'], 'cat /proc/self/oom_score_adj', '500'],
  [['--init'], 'cat /proc/1/comm', /^(tini|docker-init|nerdctl-monitor|init)/],
  [['--pid', 'host'], '[ $$ -gt 1 ] && echo outside', 'outside'],
  [['--uts', 'host'], 'hostname', /./],
  [['--ipc', 'host'], 'ls -d /dev/shm', '/dev/shm'],
  [['--network', 'none'], 'grep -c : /proc/net/dev | head -1; ls /sys/class/net', '1\nlo'],
  [['--network', 'host'], 'ls /sys/class/net', /lan0|lo/],
  [['--mac-address', '02:42:0a:04:00:99'], 'cat /sys/class/net/eth0/address', '02:42:0a:04:00:99'],
  [['--device', '/dev/null:/dev/mine:rw'], "stat -c '%F' /dev/mine", 'character special file'],
  [['--entrypoint', 'echo'], 'args', /args/],
  [['--cgroupns', 'private'], 'cat /proc/self/cgroup | head -1', /:\/$|:\//],
  [['--stop-signal', 'INT', '--label', 'k=v'], 'true', ''],
  [['-q', '--pull', 'never', '--platform', `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`], 'echo ok', 'ok'],
];

for (const [flags, script, out] of table) {
  test(flags.join(' '), async () => {
    const command = flags.includes('--entrypoint') ? [script] : ['sh', '-c', script];
    const args = ['run', '--rm', ...flags, 'bb', ...command];
    const result = await box.nerdctl(args, { env: { HOST_ONE: 'from the host' } });
    const shown = result.stdout.trim();
    assert.equal(result.code === 0 || /grep -c/.test(script), true, `exit ${result.code}: ${result.stderr}`);
    if (typeof out === 'string') assert.equal(shown, out);
    else assert.match(shown, out);
  });
}

test('labels and annotations: -l, --label-file, --annotation', async () => {
  const name = box.name();
  await box.ok([
    'create',
    '--name',
    name,
    '-l',
    'a=1',
    '--label',
    'b',
    '--label-file',
    labelFile,
    '--annotation',
    'x=y',
    'web',
  ]);
  const { Config } = await box.inspect<ContainerJson>(name);
  assert.deepEqual(Config.Labels, { a: '1', b: '', 'from.file': 'yes', bare: '', 'org.example.kind': 'web' });
  assert.equal(
    await box.ok(['ps', '-aq', '--no-trunc', '--filter', 'label=a=1']),
    (await box.inspect<ContainerJson>(name)).Id,
  );
  await box.ok(['rm', name]);
});

test('flag grammar: bundled, attached, =, --, and flags after the image are the command', async () => {
  assert.equal(
    await box.ok(['run', '--rm=true', '-eA=1', '-w/tmp', '-iu1000', 'bb', 'sh', '-c', 'echo $A; pwd; id -u']),
    '1\n/tmp\n1000',
  );
  assert.equal(await box.ok(['run', '--rm', 'bb', 'echo', '--rm', '-d', '--', 'x']), '--rm -d -- x');
  assert.equal(await box.ok(['run', '--rm', '--', 'bb', 'echo', 'x']), 'x');
});

test('-a chooses the streams', async () => {
  const script = ['sh', '-c', 'echo out; echo err >&2'];
  const out = await box.nerdctl(['run', '--rm', '-a', 'stdout', 'bb', ...script]);
  assert.deepEqual([out.stdout, out.stderr], ['out\n', '']);
  const err = await box.nerdctl(['run', '--rm', '-a', 'STDERR', 'bb', ...script]);
  assert.deepEqual([err.stdout, err.stderr], ['', 'err\n']);
});
