import { prepareBoth, scenario, step } from '../harness/compare.ts';

prepareBoth();

const once: [what: string, args: string[], input?: string][] = [
  ['echo', ['bb', 'echo', 'x']],
  ['own exit code', ['bb', 'sh', '-c', 'exit 42']],
  ['not found', ['bb', 'no-such-command']],
  ['not executable', ['bb', '/etc/passwd']],
  ['entrypoint of the image', ['full', 'word']],
  ['entrypoint replaced', ['--entrypoint', 'echo', 'full', 'word']],
  ['entrypoint emptied', ['--entrypoint', '', 'bb', 'echo', 'x']],
  // docker has no order for what -e adds
  ['environment', ['-e', 'A=1', '-e', 'EMPTY=', '-h', 'box', 'bb', 'sh', '-c', 'env | sort']],
  ['user', ['-u', 'web', 'bb', 'id']],
  ['user with group', ['-u', '1000:1001', '--group-add', '7', 'bb', 'id']],
  ['workdir', ['-w', '/deep/er', 'bb', 'pwd']],
  ['capabilities', ['bb', 'grep', 'Cap', '/proc/self/status']],
  ['capabilities changed', ['--cap-drop', 'ALL', '--cap-add', 'CHOWN', 'bb', 'grep', 'Cap', '/proc/self/status']],
  [
    'seccomp and privileges',
    ['--security-opt', 'no-new-privileges', 'bb', 'grep', '-E', 'Seccomp:|NoNewPrivs', '/proc/self/status'],
  ],
  [
    'mounts',
    [
      'bb',
      'sh',
      '-c',
      "awk '{print $5, $9}' /proc/self/mountinfo | sed 's#^\\(/etc/[a-z.]*\\) .*#\\1#' | sort | grep -vE 'cgroup|^/ '",
    ],
  ],
  ['devices', ['bb', 'sh', '-c', 'ls /dev | sort']],
  [
    'limits of processes',
    ['--ulimit', 'nofile=100:200', '--ulimit', 'core=0', 'bb', 'sh', '-c', 'ulimit -n; ulimit -c'],
  ],
  ['sysctl', ['--sysctl', 'net.ipv4.ip_forward=0', 'bb', 'cat', '/proc/sys/net/ipv4/ip_forward']],
  ['tmpfs', ['--tmpfs', '/t:size=1m,mode=700', 'bb', 'sh', '-c', "stat -c %a /t; df -k /t | awk 'END {print $2}'"]],
  ['shm', ['--shm-size', '2m', 'bb', 'sh', '-c', "df -k /dev/shm | awk 'END {print $2}'"]],
  ['read-only', ['--read-only', 'bb', 'touch', '/x']],
  [
    'hosts',
    [
      '--add-host',
      'a.test:10.1.1.1',
      '-h',
      'box',
      'bb',
      'sh',
      '-c',
      // the file's form is Go nerdctl's; what it says of names is docker's
      'sed "s/[0-9.]*\\tbox.*/IP box/" /etc/hosts | grep -E "a.test|box" | tr "\\t" " " | sort',
    ],
  ],
  [
    'dns',
    [
      '--dns',
      '10.1.1.1',
      '--dns-search',
      'a.test',
      '--dns-opt',
      'ndots:2',
      'bb',
      'sh',
      '-c',
      'grep -v "^#" /etc/resolv.conf',
    ],
  ],
  ['no network', ['--network', 'none', 'bb', 'ls', '/sys/class/net']],
  ['standard input', ['-i', 'bb', 'cat'], 'through\n'],
  ['no standard input', ['bb', 'cat'], 'not through\n'],
  ['oom score', ['--oom-score-adj', '300', 'bb', 'cat', '/proc/self/oom_score_adj']],
  [
    'masked paths',
    ['bb', 'sh', '-c', 'ls -d /proc/acpi /proc/scsi 2>/dev/null; wc -c </proc/keys; ls /sys/firmware | wc -l'],
  ],
  ['image volume', ['--entrypoint', 'ls', 'full', '-ln', '/data']],
];
for (const [what, args, input] of once) {
  scenario(`run: ${what}`, async (who, see) => {
    await step(who, see, ['run', '--rm', ...args], input === undefined ? {} : { input });
  });
}
