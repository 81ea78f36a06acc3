import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildSpec } from '../../src/runtime/spec/build.ts';
import { allCapabilities } from '../../src/runtime/spec/capabilities.ts';
import type { SpecInput } from '../../src/runtime/spec/input.ts';
import type { Mount, Spec } from '../../src/runtime/spec/oci.ts';
import { processEnv } from '../../src/runtime/spec/process.ts';
import { defaultSeccomp } from '../../src/runtime/spec/seccomp.ts';
import { specInput } from '../unit/runtime/spec/input.ts';

// config.json as dockerd 20.10 wrote it for the same flags; paths and IDs are replaced, hooks taken out.
interface Golden {
  cases: Record<string, Spec>;
  capabilities: Record<string, { added: string[]; removed: string[] }>;
}
const golden: Golden = JSON.parse(readFileSync(new URL('docker-config.golden', import.meta.url), 'utf8'));

const own = specInput().namespaces;
const cgroupsOf = (input: SpecInput): SpecInput => ({
  ...input,
  machine: { ...input.machine, cgroupParent: '/docker' },
});
const fuse = { type: 'c', major: 10, minor: 229 };

/** The flags of each run, in the create body's terms. */
const cases: Record<string, { changes: Partial<SpecInput>; env?: string[] }> = {
  default: { changes: {} },
  user: { changes: { user: { uid: 1000, gid: 1000, additionalGids: [1000] }, cwd: '/tmp' }, env: ['A=1'] },
  tty: { changes: { tty: true } },
  res: {
    changes: {
      hostConfig: {
        Memory: 67108864,
        MemoryReservation: 33554432,
        NanoCpus: 5e8,
        CpuShares: 512,
        CpusetCpus: '0',
        PidsLimit: 50,
        OomScoreAdj: 100,
        Ulimits: [{ Name: 'nofile', Soft: 1000, Hard: 2000 }],
        ShmSize: 33554432,
      },
    },
  },
  sec: {
    changes: {
      hostConfig: {
        SecurityOpt: ['seccomp=unconfined', 'no-new-privileges', 'systempaths=unconfined'],
        Sysctls: { 'net.ipv4.ip_forward': '1' },
        DeviceCgroupRules: ['c 1:* rwm'],
      },
      devices: [
        {
          source: '/dev/fuse',
          device: { path: '/dev/fuse', ...fuse, fileMode: 384, uid: 0, gid: 0 },
          rule: { allow: true, ...fuse, access: 'rwm' },
        },
      ],
      initPath: '/usr/bin/docker-init',
    },
  },
  share: { changes: { domainname: 'dom', shm: { bind: '/state/mounts/shm' }, initPath: '/usr/bin/docker-init' } },
  host: {
    changes: {
      hostname: 'vm',
      namespaces: { ...own, network: { path: '/netns/default' }, pid: 'host', ipc: 'host', uts: 'host' },
    },
  },
  host2: { changes: { namespaces: { ...own, network: { path: '/netns/default' } } } },
  cgroupns: { changes: { namespaces: { ...own, cgroup: 'private' } } },
  joined: { changes: { namespaces: { ...own, pid: { path: '/proc/16386/ns/pid' } }, shm: 'none' } },
  mounts: { changes: { hostConfig: { ReadonlyRootfs: true } } },
  capadd: { changes: { hostConfig: { CapAdd: ['SYS_ADMIN', 'net_admin'], CapDrop: ['MKNOD'] } } },
  capall: { changes: { hostConfig: { CapDrop: ['ALL'], CapAdd: ['CHOWN'] } } },
  privileged: { changes: { hostConfig: { Privileged: true } } },
};

for (const [name, { changes, env = [] }] of Object.entries(cases)) {
  test(`the spec is docker's: ${name}`, () => {
    const expected = golden.cases[name]!;
    const input = cgroupsOf(specInput(changes));
    const userMounts = expected.mounts.filter((mount) => /^\/(v|n|b|t\d?|anon2)(\/|$)/.test(mount.destination));
    const built = buildSpec({
      ...input,
      env: processEnv(env, { hostname: input.hostname, tty: input.tty }),
      mounts: userMounts,
    });
    // docker shares the host's network by a path, and so has no sysctls there; a path of ours may be any namespace
    if (name.startsWith('host')) for (const key of Object.keys(built.linux.sysctl!)) delete built.linux.sysctl![key];
    assert.deepEqual(normalize(built), normalize(expected));
    assertParentsFirst(built.mounts);
  });
}

/** Takes out what we mean to do otherwise. */
function normalize(given: Spec): unknown {
  const spec = structuredClone(given);
  spec.ociVersion = '';
  delete spec.linux.seccomp;
  // docker 20.10 knows no capability after AUDIT_READ, and masks one path less (a power meter: CVE-2020-8694)
  const recent = ['CAP_PERFMON', 'CAP_BPF', 'CAP_CHECKPOINT_RESTORE'];
  for (const [set, names] of Object.entries(spec.process.capabilities!)) {
    spec.process.capabilities = {
      ...spec.process.capabilities,
      [set]: names.filter((name: string) => !recent.includes(name) && name !== 'CAP_SYS_RESOURCE').sort(),
    };
  }
  spec.linux.maskedPaths = spec.linux.maskedPaths?.filter((path) => path !== '/sys/devices/virtual/powercap') ?? [];
  spec.linux.readonlyPaths ??= [];
  spec.mounts = [...spec.mounts].sort((a, b) => (a.destination < b.destination ? -1 : 1));
  // docker writes limits that are not set as zeros
  const { memory, cpu, blockIO } = spec.linux.resources!;
  if (memory?.disableOOMKiller === false) delete memory.disableOOMKiller;
  if (cpu?.shares === 0) delete cpu.shares;
  if (blockIO?.weight === 0) delete blockIO.weight;
  for (const key of ['memory', 'cpu', 'blockIO'] as const) {
    if (Object.keys(spec.linux.resources![key] ?? {}).length === 0) delete spec.linux.resources![key];
  }
  if (Object.keys(spec.linux.sysctl ?? {}).length === 0) delete spec.linux.sysctl;
  return spec;
}

function assertParentsFirst(mounts: Mount[]): void {
  for (const [index, mount] of mounts.entries()) {
    const late = mounts.slice(index + 1).find((other) => mount.destination.startsWith(`${other.destination}/`));
    assert.equal(late, undefined, `${late?.destination} comes after ${mount.destination}`);
  }
}

const allowed = (capabilities: string[]) =>
  new Map(
    defaultSeccomp(capabilities, { arch: 'x64' }).syscalls!.map((rule) => [
      JSON.stringify([rule.action, rule.errnoRet, rule.args]),
      rule,
    ]),
  );

// Younger than docker 20.10, or left out by younger dockers.
const accepted = {
  added: `cachestat fchmodat2 futex_requeue futex_wait futex_wake getxattrat listxattrat map_shadow_stack mseal
          removexattrat setxattrat`.split(/\s+/),
  removed: ['io_uring_enter', 'io_uring_register', 'io_uring_setup', 'socket'],
};

test("the seccomp profile is docker's, but for the accepted differences", () => {
  const ours = allNames(defaultSeccomp(golden.cases.default!.process.capabilities!.bounding!, { arch: 'x64' }));
  const theirs = allNames(golden.cases.default!.linux.seccomp!);
  assert.deepEqual(
    ours.filter((name) => !theirs.includes(name)),
    accepted.added,
  );
  assert.deepEqual(
    theirs.filter((name) => !ours.includes(name)),
    accepted.removed.filter((name) => name !== 'socket'),
  );
});

function allNames(profile: NonNullable<Spec['linux']['seccomp']>): string[] {
  return [...new Set(profile.syscalls!.flatMap((rule) => rule.names))].sort();
}

test('the rules with arguments are docker’s', () => {
  const theirs = golden.cases.default!.linux.seccomp!.syscalls!.filter((rule) => rule.args || rule.errnoRet);
  const ours = allowed(golden.cases.default!.process.capabilities!.bounding!);
  for (const rule of theirs) {
    const key = JSON.stringify([rule.action, rule.errnoRet, rule.args?.map((arg) => ({ ...arg }))]);
    const same = [...ours.values()].find(
      (candidate) =>
        candidate.names[0] === rule.names[0] &&
        candidate.action === rule.action &&
        candidate.errnoRet === rule.errnoRet &&
        (rule.args ?? []).every((arg, index) => {
          const other = candidate.args?.[index];
          return other?.index === arg.index && other.value === arg.value && other.op === arg.op;
        }),
    );
    assert.ok(same, key);
  }
});

for (const capability of allCapabilities) {
  test(`seccomp follows ${capability}`, () => {
    const without = allowedNames([]);
    const having = allowedNames([capability]);
    const expected = golden.capabilities[capability] ?? { added: [], removed: [] };
    // `clone` without and with a mask are two rules; names that younger dockers added are not in the golden
    const younger = ['listmount', 'statmount', 'clock_settime64', 'set_mempolicy_home_node', 'bpf', 'perf_event_open'];
    const known = (name: string) => !younger.includes(name) || expected.added.includes(name);
    assert.deepEqual(
      having.filter((name) => !without.includes(name) && known(name)),
      expected.added.filter((name) => !without.includes(name)),
    );
  });
}

function allowedNames(capabilities: string[]): string[] {
  const rules = defaultSeccomp(capabilities, { arch: 'x64' }).syscalls!;
  return [
    ...new Set(rules.filter((rule) => rule.action === 'SCMP_ACT_ALLOW' && !rule.args).flatMap((rule) => rule.names)),
  ].sort();
}
