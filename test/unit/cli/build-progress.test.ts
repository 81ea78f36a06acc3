import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildProgressMode, buildReporter } from '../../../src/cli/build-progress.ts';
import type { Output } from '../../../src/cli/cli.ts';
import { vertex, warning } from '../docker/build-progress/messages.ts';

interface Written extends Output {
  text: string;
  /** Full until this is called. */
  drain?: () => void;
}

function output(isTerminal: boolean, slow = false): Written {
  return {
    text: '',
    isTerminal,
    colour: isTerminal,
    columns: 80,
    rows: 24,
    write(data) {
      this.text += typeof data === 'string' ? data : Buffer.from(data).toString();
      return !slow;
    },
    drained() {
      return new Promise((resolve) => {
        this.drain = resolve;
      });
    },
  };
}

const cli = (stderr: Output, env: Record<string, string> = {}) => ({ stderr, env, name: 'nerdctl' });

it('chooses the mode by flag, environment and terminal', () => {
  const table: [boolean, string, boolean, Record<string, string>, string | RegExp][] = [
    [true, 'auto', false, {}, 'tty'],
    [false, 'auto', false, {}, 'plain'],
    [true, 'auto', false, { BUILDKIT_PROGRESS: 'plain' }, 'plain'],
    [true, 'tty', false, { BUILDKIT_PROGRESS: 'plain' }, 'tty'],
    [true, 'plain', false, { BUILDKIT_PROGRESS: 'rawjson' }, 'plain'],
    [true, 'rawjson', false, {}, 'rawjson'],
    [true, 'none', false, {}, 'quiet'],
    [true, 'auto', true, {}, 'quiet'],
    [true, 'quiet', true, {}, 'quiet'],
    [true, 'plain', true, {}, /^ERROR: progress=plain and quiet cannot be used together$/],
    [true, 'fancy', false, {}, /^ERROR: invalid progress mode fancy$/],
    [false, 'auto', false, { BUILDKIT_PROGRESS: 'fancy' }, /^ERROR: invalid progress mode fancy$/],
    [false, 'tty', false, {}, /^ERROR: failed to get console: provided file is not a console$/],
  ];
  for (const [terminal, flag, quiet, env, expected] of table) {
    const choose = () => buildProgressMode(cli(output(terminal), env), flag, quiet);
    if (typeof expected === 'string') assert.equal(choose(), expected);
    else assert.throws(choose, { exitCode: 1, message: expected });
  }
});

describe('buildReporter', () => {
  it('writes to stderr, and the warnings at the end, once', async () => {
    const stderr = output(false);
    const reporter = buildReporter(cli(stderr), { mode: 'plain', description: { plain: 'on x', tty: 'x' } });
    await reporter.update({ ...vertex('a', { started: 0, completed: 1 }), warnings: warning('a', 'Rule').warnings });
    await reporter.update({ ...vertex('b'), warnings: warning('a', 'Rule').warnings });
    reporter.end();
    reporter.end();
    await reporter.update(vertex('c', { started: 2 }));
    assert.equal(
      stderr.text,
      '#0 on x\n\n#1 step a\n#1 WARN: Rule\n#1 DONE 1.0s\n\n 1 warning found (use nerdctl --debug to expand):\n - Rule\n',
    );
    assert.equal(reporter.warnings().length, 1);
  });

  it('holds up the messages while the output is full', async () => {
    const stderr = output(false, true);
    const reporter = buildReporter(cli(stderr), { mode: 'rawjson' });
    let done = false;
    const update = reporter.update(vertex('a', { started: 0 })).then(() => {
      done = true;
    });
    await new Promise(setImmediate);
    assert.equal(done, false);
    stderr.drain!();
    await update;
    assert.equal(stderr.text, '{"vertexes":[{"digest":"a","name":"step a","started":"2023-11-14T21:13:20Z"}]}\n');
  });

  it('goes on with the clock on a terminal, and leaves the cursor visible below', async () => {
    const stderr = output(true);
    const reporter = buildReporter(cli(stderr, { TTY_DISPLAY_RATE: '5' }), { mode: 'tty' });
    await reporter.update(vertex('a', { started: 0 }));
    const { length } = stderr.text;
    while (stderr.text.length === length) await new Promise((resolve) => setTimeout(resolve, 5));
    reporter.end();
    assert.ok(stderr.text.endsWith('\x1b[J\x1b[?7h\x1b[?25h'));
  });

  it('is silent when quiet', async () => {
    const stderr = output(true);
    const reporter = buildReporter(cli(stderr), { mode: 'quiet' });
    await reporter.update({ ...vertex('a', { started: 0 }), warnings: warning('a', 'Rule').warnings });
    reporter.end();
    assert.equal(stderr.text, '');
  });
});
