import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { lacksBuildx } from '../../harness/buildkit.ts';
import type { BuildCase } from './case.ts';
import { corpus } from './corpus.ts';
import { difference } from './difference.ts';
import { openStage, reference, type Stage } from './stage.ts';

const skip = lacksBuildx(reference);
let stage: Stage;
before(async () => {
  if (skip === undefined) stage = await openStage();
});
after(() => stage?.close());

/** Both programs build it on the same daemon, one after the other, so that neither sees what the other one is at. */
async function compare(build: BuildCase): Promise<void> {
  const place = stage.lay(build);
  const { stderr, ...expected } = await stage.play('buildx', place);
  const said = `${expected.stdout}${stderr}`;
  if (build.fails) {
    assert.notEqual(expected.code, 0, `buildx does it: ${said}`);
    assert.match(stderr, build.fails);
  } else assert.equal(expected.code, 0, `buildx: ${said}`);
  if (build.shows) assert.match(said + JSON.stringify(expected.results, null, 1), build.shows);
  const { stderr: ours, ...actual } = await stage.play('nerdctl', place);
  if (build.ours) {
    assert.match(ours, build.ours);
    assert.equal(actual.code, expected.code);
    return;
  }
  const lines = difference(expected, actual);
  assert.ok(lines.length === 0, `${lines.join('\n')}\n\nours said:\n${ours}`);
}

for (const [about, builds] of Object.entries(corpus)) {
  describe(`build: ${about}`, { skip: skip ?? false }, () => {
    // One at a time: the daemon does what two builds have in common once, and tells both of it in the words of one.
    for (const build of builds) test(build.name, () => compare(build));
  });
}
