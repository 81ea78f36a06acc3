import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import type { Engine } from '../../../../src/engine/engine.ts';
import { runcVersion } from '../../../../src/engine/system/runc.ts';

test('runc is asked once, and again when it is another file', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-runc-'));
  const path = process.env.PATH;
  t.after(() => {
    process.env.PATH = path;
    rmSync(dir, { recursive: true });
  });
  const [runc, calls, dataRoot] = [join(dir, 'runc'), join(dir, 'calls'), join(dir, 'data')];
  const engineOn = (root: string) =>
    ({ settings: { dataRoot: root }, signal: new AbortController().signal }) as unknown as Engine;
  const engine = engineOn(dataRoot);
  const ask = async (of = engine) => {
    const { version, commit } = await runcVersion(of);
    return `${version} ${commit} after ${readFileSync(calls, 'utf8').length}`;
  };
  const install = (version: string) => {
    writeFileSync(runc, `#!/bin/sh\nprintf x >>${calls}\necho 'runc version ${version}'\necho 'commit: abc'\n`);
    chmodSync(runc, 0o755);
  };
  writeFileSync(calls, '');
  process.env.PATH = [dir, path].join(delimiter);

  install('1.1.5');
  assert.equal(await ask(), '1.1.5 abc after 1', 'no data root yet, so nothing is kept');
  mkdirSync(dataRoot);
  assert.equal(await ask(), '1.1.5 abc after 2');
  assert.equal(await ask(), '1.1.5 abc after 2', 'from the data root');
  install('1.1.12');
  assert.equal(await ask(), '1.1.12 abc after 3');
  writeFileSync(join(dataRoot, 'runc-version.json'), '{"of":');
  assert.equal(await ask(), '1.1.12 abc after 4', 'a torn file is none');
  writeFileSync(runc, '#!/bin/sh\nexit 1\n');
  assert.equal(await ask(), '  after 4', 'what does not answer is not kept');
  rmSync(runc);
  process.env.PATH = dataRoot;
  assert.equal(await ask(), '  after 4');
});
