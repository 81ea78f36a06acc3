import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSpec, encodeSpec } from '../../../../src/runtime/spec/build.ts';
import {
  allCapabilities,
  capabilitiesOfMask,
  effectiveCapabilities,
} from '../../../../src/runtime/spec/capabilities.ts';
import { parseDeviceRule } from '../../../../src/runtime/spec/devices.ts';
import type { HostConfig, Machine, SpecInput } from '../../../../src/runtime/spec/input.ts';
import { mergeCommand, mergeEnv, processArgs, processEnv } from '../../../../src/runtime/spec/process.ts';
import { cgroupsPath, limits } from '../../../../src/runtime/spec/resources.ts';
import { customSeccomp } from '../../../../src/runtime/spec/seccomp.ts';
import { parseSecurityOptions } from '../../../../src/runtime/spec/security.ts';
import { specInput } from './input.ts';

type Command = Parameters<typeof processArgs>[0];
const image: Command = { Entrypoint: ['/entry'], Cmd: ['a', 'b'] };
const commands: [Command, Command, string[]][] = [
  [image, {}, ['/entry', 'a', 'b']],
  [image, { Cmd: ['c'] }, ['/entry', 'c']],
  [image, { Entrypoint: ['/mine'] }, ['/mine']],
  [image, { Entrypoint: '/mine', Cmd: ['x'] }, ['/mine', 'x']],
  [image, { Entrypoint: [''], Cmd: ['x'] }, ['x']],
  [image, { Entrypoint: [] }, ['/entry', 'a', 'b']],
  [{ Cmd: ['sh'] }, { Cmd: [] }, ['sh']],
];
for (const [from, config, expected] of commands) {
  test(`process args of ${JSON.stringify(config)} on ${JSON.stringify(from)}`, () => {
    assert.deepEqual(processArgs(from, config), expected);
  });
}

test('nothing to run is an error', () => {
  assert.throws(() => processArgs({}, {}), { message: 'no command specified', kind: 'invalid' });
  assert.throws(() => processArgs(image, { Entrypoint: [''] }), { message: 'no command specified' });
  assert.deepEqual(mergeCommand(image, { Entrypoint: [''] }), { Entrypoint: null, Cmd: null });
});

test('variables: the user before the image, docker before both, a bare name removes', () => {
  assert.deepEqual(mergeEnv(['A=1', 'B=2'], ['B=3', 'C']), ['B=3', 'C', 'A=1']);
  assert.deepEqual(processEnv(['PATH=/x', 'A=1', 'TERM', 'A=2'], { hostname: 'h', tty: true }), [
    'PATH=/x',
    'HOSTNAME=h',
    'A=2',
  ]);
});

const capabilities: [HostConfig, string[]][] = [
  [{ CapDrop: ['all'] }, []],
  [{ CapDrop: ['ALL'], CapAdd: ['cap_chown'] }, ['CAP_CHOWN']],
  [{ CapAdd: ['ALL'], CapDrop: ['CHOWN'] }, allCapabilities.filter((name) => name !== 'CAP_CHOWN')],
  [{ Privileged: true, CapDrop: ['ALL'] }, [...allCapabilities]],
];
for (const [hostConfig, expected] of capabilities) {
  test(`capabilities of ${JSON.stringify(hostConfig)}`, () => {
    assert.deepEqual(effectiveCapabilities(hostConfig, allCapabilities), expected);
  });
}

test('capabilities beyond the bounding set', () => {
  const available = allCapabilities.filter((name) => name !== 'CAP_SYS_RESOURCE');
  assert.ok(!effectiveCapabilities({ Privileged: true }, available).includes('CAP_SYS_RESOURCE'));
  assert.ok(!effectiveCapabilities({ CapAdd: ['ALL'] }, available).includes('CAP_SYS_RESOURCE'));
  assert.throws(() => effectiveCapabilities({ CapAdd: ['SYS_RESOURCE'] }, available), {
    message:
      'invalid CapAdd: capability not supported by your kernel or not available in the current environment: "CAP_SYS_RESOURCE"',
  });
  assert.throws(() => effectiveCapabilities({ CapDrop: ['foo'] }, available), {
    message: 'invalid CapDrop: unknown capability: "CAP_FOO"',
  });
});

test('a mask of /proc/self/status', () => {
  assert.deepEqual(
    capabilitiesOfMask('000001fffeffffff'),
    allCapabilities.filter((n) => n !== 'CAP_SYS_RESOURCE'),
  );
  assert.deepEqual(capabilitiesOfMask('0000000000000003'), ['CAP_CHOWN', 'CAP_DAC_OVERRIDE']);
});

const machine = (changes: Partial<Machine>): Machine => ({ ...specInput().machine, ...changes });
const paths: [Partial<Machine>, HostConfig, string][] = [
  [{ cgroupManager: 'cgroupfs' }, {}, '/docker/ID'],
  [{ cgroupManager: 'cgroupfs' }, { CgroupParent: 'a/b/' }, '/a/b/ID'],
  [{ cgroupManager: 'systemd' }, {}, 'system.slice:nerdctl:ID'],
  [{ cgroupManager: 'systemd' }, { CgroupParent: 'my.slice' }, 'my.slice:nerdctl:ID'],
  [{ cgroupManager: 'systemd', cgroupParent: 'user.slice' }, {}, 'user.slice:nerdctl:ID'],
  [{ cgroupManager: 'none' }, {}, ''],
];
for (const [changes, hostConfig, expected] of paths) {
  test(`cgroup path ${expected || 'without a manager'}`, () => {
    assert.equal(cgroupsPath(specInput({ hostConfig, machine: machine(changes) })), expected);
  });
}

test('without a cgroup manager only device rules are asked for', () => {
  const hostConfig = { Memory: 1e8, NanoCpus: 1e9, BlkioWeight: 10 };
  const spec = buildSpec(specInput({ hostConfig, machine: machine({ cgroupManager: 'none' }) }));
  assert.deepEqual(Object.keys(spec.linux.resources!), ['devices']);
});

const resources: [HostConfig, object][] = [
  [{ Memory: 100 }, { memory: { limit: 100, swap: 200 } }],
  [{ Memory: 100, MemorySwap: -1 }, { memory: { limit: 100, swap: -1 } }],
  [{ Memory: 100, MemorySwap: 150 }, { memory: { limit: 100, swap: 150 } }],
  [{ MemorySwappiness: 0, OomKillDisable: true }, { memory: { swappiness: 0, disableOOMKiller: true } }],
  [{ NanoCpus: 1_500_000_000 }, { cpu: { period: 100_000, quota: 150_000 } }],
  [{ CpuPeriod: 50_000, CpuQuota: 25_000 }, { cpu: { period: 50_000, quota: 25_000 } }],
  [{ PidsLimit: -1 }, {}],
  [{ PidsLimit: 5 }, { pids: { limit: 5 } }],
];
for (const [hostConfig, expected] of resources) {
  test(`resources of ${JSON.stringify(hostConfig)}`, () => assert.deepEqual(limits(hostConfig), expected));
}

test('throttles get their device numbers', () => {
  const hostConfig = { BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1024 }] };
  const spec = buildSpec(specInput({ hostConfig, blockDevices: { '/dev/sda': { major: 8, minor: 0 } } }));
  assert.deepEqual(JSON.parse(JSON.stringify(spec.linux.resources!.blockIO)), {
    throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024 }],
  });
});

test('an unlimited ulimit keeps its 64 bits', () => {
  const spec = buildSpec(specInput({ hostConfig: { Ulimits: [{ Name: 'memlock', Soft: -1, Hard: -1 }] } }));
  const text = new TextDecoder().decode(encodeSpec(spec));
  assert.match(text, /"hard":18446744073709551615,"soft":18446744073709551615/);
});

const mountsOn = (input: Partial<SpecInput>) =>
  Object.fromEntries(buildSpec(specInput(input)).mounts.map((mount) => [mount.destination, mount]));

test('a user mount replaces a default one, and /dev what lies in it', () => {
  const mount = (destination: string) => ({ destination, type: 'bind', source: '/host', options: ['rbind'] });
  const mounts = mountsOn({ mounts: [mount('/etc/hosts'), mount('/dev')] });
  assert.equal(mounts['/etc/hosts']?.source, '/host');
  assert.deepEqual(
    Object.keys(mounts).filter((path) => path.startsWith('/dev')),
    ['/dev'],
  );
});

test('the init is mounted only where it is the first process', () => {
  const initPath = '/usr/bin/tini';
  assert.ok(mountsOn({ initPath })['/sbin/docker-init']);
  const joined = specInput({ initPath, namespaces: { ...specInput().namespaces, pid: 'host' } });
  assert.deepEqual(buildSpec(joined).process.args, joined.args);
});

test('slave and shared mounts open the root', () => {
  const mounts = (option: string) => [{ destination: '/x', type: 'bind', source: '/x', options: ['rbind', option] }];
  const of = (option: string) => buildSpec(specInput({ mounts: mounts(option) })).linux.rootfsPropagation;
  assert.deepEqual(['rprivate', 'rslave', 'rshared'].map(of), [undefined, 'rslave', 'shared']);
});

test('an AppArmor profile is named only where the kernel has AppArmor', () => {
  const of = (apparmor: Machine['apparmor'], SecurityOpt: string[] = [], Privileged = false) =>
    buildSpec(specInput({ hostConfig: { SecurityOpt, Privileged }, machine: machine({ apparmor }) })).process
      .apparmorProfile;
  assert.equal(of(undefined, ['apparmor=mine']), undefined);
  assert.equal(of({}, ['apparmor=mine']), 'mine');
  assert.equal(of({ defaultProfile: 'nerdctl-default' }), 'nerdctl-default');
  assert.equal(of({ defaultProfile: 'nerdctl-default' }, [], true), 'unconfined');
});

test('an unprivileged runtime cannot lower its score', () => {
  const of = (OomScoreAdj: number) =>
    buildSpec(specInput({ hostConfig: { OomScoreAdj }, machine: machine({ minOomScoreAdj: 200 }) })).process
      .oomScoreAdj;
  assert.deepEqual([of(-500), of(0), of(500)], [200, 200, 500]);
});

test('annotations', () => {
  const spec = buildSpec(specInput({ annotations: { a: '1' }, hostConfig: { Annotations: { b: '2' } } }));
  assert.deepEqual(spec.annotations, { a: '1', b: '2' });
});

test('security options', () => {
  assert.deepEqual(
    parseSecurityOptions(['no-new-privileges:true', 'seccomp={"a":"b=c"}', 'apparmor=x', 'label=disable']),
    {
      noNewPrivileges: true,
      unconfinedPaths: false,
      seccomp: '{"a":"b=c"}',
      apparmor: 'x',
    },
  );
  for (const option of ['foo=bar', 'no-new-privileges=maybe', 'systempaths=foo']) {
    assert.throws(() => parseSecurityOptions([option]), { message: `invalid --security-opt 2: "${option}"` });
  }
});

test('device rules', () => {
  assert.deepEqual(parseDeviceRule('c 42:* rmw'), { allow: true, type: 'c', major: 42, minor: -1, access: 'rmw' });
  assert.throws(() => parseDeviceRule('x 1:1 r'), { message: "invalid device cgroup rule format: 'x 1:1 r'" });
});

test('a seccomp profile in docker’s format is reduced to what holds here', () => {
  const profile = {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [
      { name: 'read', action: 'SCMP_ACT_ALLOW' },
      { names: ['bpf'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_BPF'] } },
      { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
      { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
      { names: ['clone'], action: 'SCMP_ACT_ALLOW', excludes: { arches: ['s390x'] } },
      { names: ['swapcontext'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['ppc64le'] } },
    ],
  };
  const compiled = customSeccomp(JSON.stringify(profile), ['CAP_BPF'], { arch: 'x64', kernelRelease: '4.4.0-1' })!;
  assert.deepEqual(
    compiled.syscalls!.flatMap((rule) => rule.names),
    ['read', 'bpf', 'clone'],
  );
  assert.deepEqual(compiled.architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
});

test('what is not a profile', () => {
  for (const text of ['{', '[]', '"x"', 'null', '{"syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW"}]}']) {
    assert.throws(() => customSeccomp(text, [], { arch: 'x64' }), /^DockerError: Decoding seccomp profile failed: /);
  }
  assert.equal(customSeccomp('{}', [], { arch: 'x64' }), undefined);
});

test('seccomp that the kernel lacks', () => {
  const off = machine({ seccompEnabled: false });
  assert.equal(buildSpec(specInput({ machine: off })).linux.seccomp, undefined);
  assert.throws(() => buildSpec(specInput({ machine: off, hostConfig: { SecurityOpt: ['seccomp={}'] } })), {
    message: 'seccomp is not enabled in your kernel, cannot run a custom seccomp profile',
  });
});
