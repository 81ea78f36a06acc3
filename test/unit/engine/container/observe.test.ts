import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { observeState } from '../../../../src/engine/container/observe.ts';
import type { Engine } from '../../../../src/engine/engine.ts';
import type { Container } from '../../../../src/runtime/containers.ts';

const root = mkdtempSync(join(tmpdir(), 'observe-'));
after(() => rmSync(root, { recursive: true }));

const StartedAt = '2026-01-02T03:04:05Z';
const ended = { StartedAt, FinishedAt: StartedAt, ExitCode: 3, OOMKilled: false, RestartCount: 0, Error: '' };
const journal = join(root, 'operations/ns');
mkdirSync(journal, { recursive: true });
const stateDir = join(root, 'state');
mkdirSync(stateDir);
writeFileSync(join(stateDir, 'lifecycle.json'), JSON.stringify({ started_at: StartedAt }));

const cases = [
  { title: 'the journal tells how the run has ended', note: true, later: {}, code: 3 },
  { title: 'the label has come meanwhile', note: false, later: { 'nerdctl/state': JSON.stringify(ended) }, code: 3 },
  { title: 'nobody has seen the end', note: false, later: {}, code: 255 },
];

for (const { title, note, later, code } of cases) {
  test(`a container without a task and without a label: ${title}`, async () => {
    const labels = { 'nerdctl/state-dir': stateDir };
    const engine = {
      store: { root, containers: root },
      settings: { namespace: 'ns' },
      containerd: { containers: { get: async () => ({ id: 'c1', labels: { ...labels, ...later } }) } },
    } as unknown as Engine;
    const path = join(journal, 'c1');
    if (note) writeFileSync(path, JSON.stringify({ id: 'c1', kind: 'exit', pid: 1, startTime: 0, ended }));
    else rmSync(path, { force: true });
    const state = await observeState(engine, { id: 'c1', labels } as unknown as Container, undefined);
    assert.equal(state.Status, 'exited');
    assert.equal(state.ExitCode, code);
  });
}
