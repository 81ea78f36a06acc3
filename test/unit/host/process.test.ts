import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ensureDir, writeFileAtomic, writeInPlace } from '../../../src/host/files.ts';
import { runProcess } from '../../../src/host/process.ts';

describe('runProcess', () => {
  test('collects output, passes input', async () => {
    const result = await runProcess('sh', ['-c', 'cat; echo e >&2; exit 3'], { input: 'abc' });
    assert.deepEqual([result.code, result.signal, `${result.stdout}`, `${result.stderr}`], [3, null, 'abc', 'e\n']);
  });
  test('input that nobody reads is no error', async () => {
    assert.equal((await runProcess('true', [], { input: Buffer.alloc(1_000_000) })).code, 0);
  });
  test('a missing program', () =>
    assert.rejects(runProcess('/no/such', []), { code: 'ENOENT', message: '/no/such: no such program' }));
  test('a time limit, with a grandchild that keeps the pipes', () =>
    assert.rejects(runProcess('sh', ['-c', 'sleep 5 & sleep 5'], { timeout: 50 }), { code: 'ETIMEDOUT' }));
  test('aborting', async () => {
    const cancel = new AbortController();
    const running = runProcess('sleep', ['5'], { signal: cancel.signal });
    cancel.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
  });
});

test('files: atomic, in place, modes', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-files-'));
  try {
    const path = join(dir, 'file');
    await writeFileAtomic(path, 'one', 0o640, { sync: true });
    assert.equal(statSync(path).mode & 0o777, 0o640);
    const { ino } = statSync(path);
    await writeInPlace(path, 'a longer text');
    await writeInPlace(path, 'short');
    assert.deepEqual([readFileSync(path, 'utf8'), statSync(path).ino], ['short', ino]);
    writeFileSync(join(dir, 'not-a-dir'), '');
    await assert.rejects(writeFileAtomic(join(dir, 'not-a-dir', 'x'), ''));
    await ensureDir(join(dir, 'a', 'b'), 0o700);
    assert.equal(statSync(join(dir, 'a', 'b')).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(dir).sort(), ['a', 'file', 'not-a-dir']);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
