import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cgroupNamespace } from '../../../../src/engine/container/namespaces.ts';
import { wasOomKilled } from '../../../../src/engine/container/oom.ts';
import type { Linux, Spec } from '../../../../src/runtime/spec/oci.ts';

describe('cgroup namespace', () => {
  const cases: [hostConfig: Parameters<typeof cgroupNamespace>[0], unified: boolean, expected: string][] = [
    [{}, true, 'private'],
    [{}, false, 'host'],
    [{ Privileged: true }, true, 'private'],
    [{ Privileged: true }, false, 'host'],
    [{ CgroupnsMode: 'host' }, true, 'host'],
    [{ CgroupnsMode: 'private' }, false, 'private'],
  ];
  for (const [hostConfig, unified, expected] of cases)
    test(`${JSON.stringify(hostConfig)} with cgroup v${unified ? 2 : 1}`, () =>
      assert.equal(cgroupNamespace(hostConfig, unified), expected));
});

describe('out-of-memory kill, when the cgroup is gone', () => {
  const ended = { exitCode: 137, stopped: false };
  const cases: [what: string, note: string | undefined, memory: number, run: typeof ended, expected: boolean][] = [
    ['nothing noted', undefined, 1, ended, false],
    ['seen by the monitor', 'seen\n', 0, { exitCode: 3, stopped: true }, true],
    ['likely', 'likely\n', 1, ended, true],
    ['likely, without a limit', 'likely\n', 0, ended, false],
    ['likely, but it exited by itself', 'likely\n', 1, { exitCode: 1, stopped: false }, false],
    ['likely, but it was stopped', 'likely\n', 1, { exitCode: 137, stopped: true }, false],
  ];
  for (const [what, note, limit, run, expected] of cases)
    test(what, (t) => {
      const stateDir = mkdtempSync(join(tmpdir(), 'nerdctl-oom-'));
      t.after(() => rmSync(stateDir, { recursive: true }));
      if (note) writeFileSync(join(stateDir, 'oom'), note);
      const linux = { cgroupsPath: 'system.slice:nerdctl:none', resources: { memory: { limit } } } as Linux;
      assert.equal(wasOomKilled(stateDir, { linux } as Spec, run), expected);
    });
});
