import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Output } from '../../../../src/cli/command.ts';
import { layerLine, progressMode, pullReporter } from '../../../../src/commands/image/progress.ts';
import type { PullEvent } from '../../../../src/engine/image/pull-events.ts';

const digest = `sha256:${'ab12'.repeat(16)}`;
const reference = { domain: 'docker.io', path: 'library/busybox', tag: 'latest' };
const states = ['waiting', 'downloading', 'verifying', 'downloaded', 'extracting', 'complete'] as const;
const events: PullEvent[] = [
  { type: 'started', reference, digest },
  ...states.map((state): PullEvent => ({ type: 'layer', digest, state, current: 500_000, total: 1_000_000 })),
];

function output(isTerminal: boolean): Output & { text: string } {
  return {
    text: '',
    isTerminal,
    colour: isTerminal,
    columns: 120,
    rows: 24,
    drained: async () => {},
    write(data) {
      this.text += data;
      return true;
    },
  };
}

describe('pullReporter', () => {
  it('prints the states that docker prints off a terminal', () => {
    const out = output(false);
    const reporter = pullReporter(out, progressMode(out, 'auto', false));
    for (const event of events) reporter.event(event);
    assert.equal(
      out.text,
      'latest: Pulling from library/busybox\nab12ab12ab12: Pulling fs layer\nab12ab12ab12: Verifying Checksum\nab12ab12ab12: Download complete\nab12ab12ab12: Pull complete\n',
    );
  });

  it('repaints one line per layer on a terminal', () => {
    const out = output(true);
    const reporter = pullReporter(out, progressMode(out, 'auto', false));
    for (const event of events) reporter.event(event);
    assert.equal(out.text.split('\n').length, 3);
    assert.ok(out.text.endsWith('\x1b[1A\x1b[2K\rab12ab12ab12: Pull complete\x1b[1B\r'));
  });

  it('prints an event a line as JSON, and nothing when quiet', () => {
    const json = output(false);
    const reporter = pullReporter(json, progressMode(json, 'json', false));
    for (const event of events) reporter.event(event);
    assert.deepEqual(
      json.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      JSON.parse(JSON.stringify(events)),
    );
    const quiet = output(true);
    pullReporter(quiet, progressMode(quiet, 'auto', true)).event(events[0]!);
    assert.equal(quiet.text, '');
  });

  it("draws docker's bar when there is room", () => {
    const event = { type: 'layer', digest, state: 'downloading', current: 500_000, total: 1_000_000 } as const;
    assert.equal(layerLine(event, 120), `ab12ab12ab12: Downloading [${'='.repeat(25)}>${' '.repeat(25)}]    500kB/1MB`);
    assert.equal(layerLine(event, 80), 'ab12ab12ab12: Downloading    500kB/1MB');
  });
});
