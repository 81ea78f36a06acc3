import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRoomForCgroups } from '../../../src/host/cgroup-nesting.ts';

test("controllers go down only where the top is not the machine's own", (t) => {
  const root = mkdtempSync(join(tmpdir(), 'nerdctl-cgroup-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'cgroup.controllers'), 'memory\n');
  writeFileSync(join(root, 'cgroup.procs'), '0\n');
  const control = join(root, 'cgroup.subtree_control');
  writeFileSync(control, '');
  makeRoomForCgroups(root);
  assert.equal(readFileSync(control, 'utf8'), '');
  writeFileSync(join(root, 'cgroup.type'), 'domain\n');
  makeRoomForCgroups(root);
  assert.equal(readFileSync(control, 'utf8'), '+memory');
});
