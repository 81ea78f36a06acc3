import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../..', import.meta.url));
const missing = spawnSync('systemd-analyze', ['--version']).error && 'this machine lacks systemd-analyze';

test('systemd has nothing to say against the units of users', { skip: missing }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-units-'));
  try {
    const units = readdirSync(join(top, 'lib/systemd/user')).map((name) => {
      const text = readFileSync(join(top, 'lib/systemd/user', name), 'utf8');
      writeFileSync(join(dir, name), text.replaceAll('/usr/local/bin/', join(top, 'rootless/')));
      return join(dir, name);
    });
    assert.ok(units.length >= 3);
    // Its exit code is 0 for a key that it does not know.
    const verified = spawnSync('systemd-analyze', ['--user', '--man=no', 'verify', ...units], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: dir },
    });
    assert.equal(verified.stderr, '');
    assert.equal(verified.status, 0);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
