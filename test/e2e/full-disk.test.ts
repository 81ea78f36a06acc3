import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { engineSide } from '../harness/engine-side.ts';

const box = openBox(import.meta.url);
const side = engineSide(box.lane.user);
const inside = (program: string, ...args: string[]) => execFileSync(...side.inside(program, args));
const disk = join(box.lane.dir, 'full-disk');
mkdirSync(disk);
inside('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk);
const toml = join(box.dir, 'nerdctl.toml');
writeFileSync(toml, `data_root = "${disk}"\n`);
after(() => inside('umount', '-l', disk));

function fill(): void {
  try {
    for (let i = 0; ; i++) writeFileSync(join(side.root, disk, `filler-${i}`), Buffer.alloc(4096));
  } catch {
    // full
  }
}

test('a full data root: one sentence, nothing left', async () => {
  fill();
  await box.leavesNothing(async () => {
    await box.fails(['run', '--rm', 'bb', 'true'], 125, /no space left on device/, { env: { NERDCTL_TOML: toml } });
    const result = await box.nerdctl(['volume', 'create', 'vol'], { env: { NERDCTL_TOML: toml } });
    assert.match(result.stderr, /no space left on device/);
  });
});

test('save to a full disk says so and leaves no half file that looks whole', async () => {
  const result = await box.fails(['save', '-o', join(disk, 'out.tar'), 'bb'], 1, /no space left on device/);
  assert.equal(result.stdout, '');
});

test('a read-only data root: one sentence, and what only looks still works', async () => {
  const readOnly = join(box.dir, 'read-only');
  mkdirSync(readOnly);
  inside('mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', readOnly);
  try {
    const file = join(box.dir, 'read-only.toml');
    writeFileSync(file, `data_root = "${readOnly}"\n`);
    const env = { NERDCTL_TOML: file };
    await box.leavesNothing(async () => {
      await box.fails(['run', '--rm', 'bb', 'true'], 125, /^nerdctl: mkdir \S+: read-only file system\n/, { env });
      await box.fails(['volume', 'create', 'vol'], 1, /^mkdir \S+: read-only file system\n/, { env });
    });
    // One that has been written to before.
    inside('mount', '-o', 'remount,rw', readOnly);
    await box.ok(['run', '--rm', 'bb', 'true'], { env });
    inside('mount', '-o', 'remount,ro', readOnly);
    await box.leavesNothing(async () => {
      await box.fails(['run', '--rm', 'bb', 'true'], 125, /^nerdctl: open \S+: read-only file system\n/, { env });
    });
    await box.ok(['ps', '-a'], { env });
    await box.ok(['images'], { env });
  } finally {
    inside('umount', '-l', readOnly);
  }
});
