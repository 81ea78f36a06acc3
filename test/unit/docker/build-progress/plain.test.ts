import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildProgress } from '../../../../src/docker/build-progress/progress.ts';
import type { BuildStatus } from '../../../../src/docker/build-progress/status.ts';
import { log, ours, transfer, vertex, warning } from './messages.ts';

/** What happens at which second. */
type Event = [seconds: number, ...messages: BuildStatus[]];

/** @returns what is written at each event and until the next one, and at the end */
function play(events: Event[], env: Record<string, string> = {}, description?: string): string[] {
  let seconds = 0;
  const progress = buildProgress({
    mode: 'plain',
    env,
    description: description === undefined ? undefined : { plain: description, tty: '' },
    now: () => ours(seconds),
  });
  const decoder = new TextDecoder();
  const text = (bytes: Uint8Array): string => decoder.decode(bytes, { stream: true });
  const parts: string[] = [];
  for (const [time, ...messages] of events) {
    const step = progress.refreshAfter! / 1000;
    for (let tick = seconds + step; tick < time; tick += step) {
      seconds = tick;
      parts[parts.length - 1] += text(progress.refresh());
    }
    seconds = time;
    parts.push(messages.map((message) => text(progress.update(message))).join(''));
  }
  return [...parts, text(progress.end())];
}

describe('plain progress', () => {
  it('shows one step at a time, and gives the others their turn', () => {
    const events: Event[] = [
      [0, vertex('a', { started: 0 })],
      [0.2, vertex('b', { started: 0.2 })],
      [0.4, log('a', 0.4, 'one\n')],
      [0.6, log('b', 0.6, 'two\n')],
      [0.8, vertex('a', { started: 0, completed: 0.8 })],
      [1, log('b', 1, 'three\n')],
      [12, vertex('c', { started: 12 }), log('c', 12, 'hidden\n')],
      [14, ...Array.from({ length: 9 }, (_, index) => log('b', 14, `busy ${index}\n`))],
      [22.5, log('c', 22.5, 'overdue\n')],
      [22.7, vertex('b', { started: 0.2, completed: 22.7 })],
      [22.9, vertex('c', { started: 12, completed: 22.9 })],
    ];
    const busy = Array.from({ length: 9 }, (_, index) => `#2 13.80 busy ${index}\n`).join('');
    // As buildx itself shows it.
    assert.equal(
      play(events).join(''),
      `#1 step a
#1 0.400 one
#1 DONE 0.8s

#2 step b
#2 0.400 two
#2 0.800 three
#2 ...

#3 step c
#3 0.000 hidden
#3 ...

#2 step b
${busy}#2 ...

#3 step c
#3 10.50 overdue
#3 ...

#2 step b
#2 DONE 22.5s

#3 step c
#3 DONE 10.9s
`,
    );
  });

  it('looks at most ten times a second, and again when nothing comes', () => {
    const events: Event[] = [
      [0, vertex('a', { started: 0 })],
      [0.05, log('a', 0.05, 'x\n')],
      [0.09, log('a', 0.09, 'y\n')],
      [0.25, log('a', 0.25, 'z\n')],
    ];
    assert.deepEqual(play(events), ['#1 step a\n', '', '#1 0.050 x\n#1 0.090 y\n', '#1 0.250 z\n', '']);
    const all = '#1 0.050 x\n#1 0.090 y\n#1 0.250 z\n';
    assert.deepEqual(play(events, { TTY_DISPLAY_RATE: '1000' }), ['#1 step a\n', '', '', '', all]);
  });

  it('goes on with a line that had no end', () => {
    const events: Event[] = [
      [0, vertex('a', { started: 0 })],
      [1, log('a', 1, 'ca')],
      [2, log('a', 2, Buffer.from([0x66, 0xc3]))],
      [3, log('a', 3, Buffer.from([0xa9, 0x0a, 0x6f]))],
      [4, vertex('b', { started: 3, completed: 4 })],
      [5, log('a', 5, 'ne\n')],
      [6, log('a', 6, 'end'), vertex('a', { started: 0, completed: 6 })],
    ];
    assert.equal(
      play(events).join(''),
      '#1 step a\n#1 1.000 café\n#1 3.000 o\n#1 ...\n\n#2 step b\n#2 DONE 1.0s\n\n#1 step a\n#1 3.000 one\n#1 6.000 end\n#1 DONE 6.0s\n',
    );
  });

  it('tells of a transfer when it got somewhere', () => {
    const part = (seconds: number, current: number, completed?: number) =>
      transfer('a', 'sha256:1', seconds, { started: 0, current, total: 3_200_000, completed });
    const events: Event[] = [
      [0, vertex('a', { started: 0 }), transfer('a', 'sha256:1', 0, { total: 3_200_000 })],
      [1, part(1, 100_000)],
      [2, part(2, 1_050_000)],
      [3, part(3, 1_060_000)],
      [7, part(7, 1_060_001)],
      [8, part(8, 3_200_000, 8)],
      [9, transfer('a', 'extracting', 9, { completed: 9 }), transfer('a', 'sending', 9, { current: 512 })],
      [10, vertex('a', { started: 0, completed: 10 })],
    ];
    assert.deepEqual(play(events), [
      '#1 step a\n#1 sha256:1 0B / 3.20MB\n',
      '',
      '#1 sha256:1 1.05MB / 3.20MB 2.0s\n',
      '',
      '#1 sha256:1 1.06MB / 3.20MB 7.0s\n',
      '#1 sha256:1 3.20MB / 3.20MB 8.0s done\n',
      '#1 extracting done\n#1 sending 512B\n',
      '#1 DONE 10.0s\n',
      '',
    ]);
  });

  it('says how steps end, and repeats the end of a failed one', () => {
    const lines = Array.from({ length: 12 }, (_, index) => `line ${index}\n`).join('');
    const events: Event[] = [
      [0, vertex('a', { started: 0, completed: 0, cached: true })],
      [1, vertex('b', { started: 1, completed: 1, error: 'process x: context canceled' })],
      [2, vertex('c', { started: 2 }), log('c', 2, lines), log('c', 2, 'no end')],
      [3, vertex('c', { started: 2, completed: 3, error: 'exit code: 1' })],
      [4, vertex('a', { started: 0, completed: 0, cached: true })],
    ];
    const parts = play(events, {}, 'building with "x"');
    assert.equal(parts[0], '#0 building with "x"\n\n#1 step a\n#1 CACHED\n');
    assert.equal(parts[1], '\n#2 step b\n#2 CANCELED\n');
    assert.ok(parts[2]!.endsWith('\n#3 0.000 no end'), parts[2]);
    assert.equal(parts[3], '\n#3 ERROR: exit code: 1\n');
    assert.equal(parts[4], '\n#1 step a\n#1 CACHED\n');
    const last = Array.from({ length: 9 }, (_, index) => `0.000 line ${index + 3}\n`).join('');
    assert.equal(parts[5], `------\n > step c:\n${last}0.000 no end\n------\n`);
  });

  it('shows the vertexes of a group as one step, once one of them counts', () => {
    const group = { id: 'g', name: 'the group' };
    const weak = { progressGroup: { ...group, weak: true } };
    const strong = { progressGroup: { ...group, weak: false } };
    const events: Event[] = [
      [0, vertex('a', { started: 0, completed: 1, ...weak })],
      [2, vertex('b', { started: 2, ...strong }), log('b', 2.5, 'x\n')],
      [4, vertex('b', { started: 2, completed: 4, ...strong })],
    ];
    assert.deepEqual(play(events), ['', '#1 the group\n#1 0.500 x\n', '#1 DONE 3.0s\n', '']);
  });

  it('shows warnings with their step, and cuts names where that is wanted', () => {
    const name = 'n'.repeat(80);
    const events: Event[] = [
      [0, { ...vertex('a', { started: 0, name }), warnings: warning('a', 'Rule: no').warnings }],
      [1, vertex('a', { started: 0, completed: 1, name })],
    ];
    assert.equal(play(events).join(''), `#1 ${name}\n#1 WARN: Rule: no\n#1 DONE 1.0s\n`);
    assert.match(play(events, { PROGRESS_NO_TRUNC: '0' })[0]!, /^#1 n{72}\.\.\.\n/);
  });
});
