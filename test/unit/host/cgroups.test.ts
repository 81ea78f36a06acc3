import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cgroupPath, hasIoWeight } from '../../../src/host/cgroups.ts';

describe('cgroupPath', () => {
  const cases: [cgroupsPath: string, expected: string][] = [
    ['/default/ID', '/default/ID'],
    ['system.slice:nerdctl:ID', '/system.slice/nerdctl-ID.scope'],
    ['my-own.slice:nerdctl:ID', '/my.slice/my-own.slice/nerdctl-ID.scope'],
    ['-.slice:nerdctl:ID', '/nerdctl-ID.scope'],
  ];
  for (const [path, expected] of cases) test(path, () => assert.equal(cgroupPath(path), expected));
});

describe('weights of the io controller', () => {
  const cases: [what: string, files: string[], expected: boolean][] = [
    ['nobody has the controller', ['a.slice/cgroup.procs'], true],
    ['io.weight', ['a.slice/cgroup.procs', 'b.slice/io.stat', 'b.slice/io.weight'], true],
    ['bfq', ['b.slice/io.stat', 'b.slice/io.bfq.weight'], true],
    ['limits only', ['io.stat', 'b.slice/io.stat', 'b.slice/io.max'], false],
  ];
  for (const [what, files, expected] of cases)
    test(what, (t) => {
      const root = mkdtempSync(join(tmpdir(), 'nerdctl-cgroup-'));
      t.after(() => rmSync(root, { recursive: true }));
      for (const file of files) {
        mkdirSync(join(root, file, '..'), { recursive: true });
        writeFileSync(join(root, file), '');
      }
      assert.equal(hasIoWeight(root), expected);
    });
});
