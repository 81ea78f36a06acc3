import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildProgress } from '../../../../src/docker/build-progress/progress.ts';
import type { BuildStatus } from '../../../../src/docker/build-progress/status.ts';
import { openScreen, type Screen } from '../../../harness/screen.ts';
import { log, ours, transfer, vertex, warning } from './messages.ts';

interface Play {
  screen: Screen;
  /** What happens at that second. */
  at(seconds: number, ...messages: BuildStatus[]): void;
  resize(columns: number, rows: number): void;
  end(): void;
}

/** A build on a terminal that has a line on it already. */
function play(columns: number, rows: number, env: Record<string, string> = {}): Play {
  const screen = openScreen(columns, rows);
  screen.write('$ build .\r\n');
  let seconds = 0;
  let size = { columns, rows };
  const description = { plain: '', tty: 'docker:default' };
  const progress = buildProgress({ mode: 'tty', env, description, size: () => size, now: () => ours(seconds) });
  // The terminal's driver does that.
  const write = (bytes: Uint8Array): void => screen.write(Buffer.from(bytes).toString().replace(/\r?\n/g, '\r\n'));
  return {
    screen,
    at(time, ...messages) {
      seconds = time;
      for (const message of messages) write(progress.update(message));
      write(progress.refresh());
    },
    resize(newColumns, newRows) {
      size = { columns: newColumns, rows: newRows };
      screen.resize(newColumns, newRows);
    },
    end: () => write(progress.end()),
  };
}

const steps = (...names: string[]): BuildStatus[] => names.map((name) => vertex(name));

describe('progress on a terminal', () => {
  it('shows steps, their transfers and the end of the log of the running one', () => {
    const { screen, at, end } = play(60, 20);
    at(0, ...steps('a', 'b', 'c'), vertex('a', { started: 0, name: '[internal] load build definition' }));
    at(1, transfer('a', 'transferring dockerfile:', 1, { started: 0.5, current: 120, completed: 1 }));
    at(1.2, vertex('a', { started: 0, completed: 1.2, name: '[internal] load build definition' }));
    at(2, vertex('b', { started: 1.5, name: 'RUN make' }));
    at(3, log('b', 3, Array.from({ length: 9 }, (_, index) => `line ${index}\n`).join('')));
    at(3.5, log('b', 3.5, 'half\rover'));
    assert.deepEqual(screen.styled(), [
      '$ build .',
      '[+] Building 3.5s (1/3)                      docker:default',
      '{34} => [internal] load build definition                   1.2s{}',
      '{34} => => transferring dockerfile: 120B                   0.5s{}',
      ' => RUN make                                           2.0s',
      ...[4, 5, 6, 7, 8].map((line) => `{2} => => # line ${line}{}`),
      '{2} => => # over{}',
    ]);
    assert.deepEqual(screen.cursor, { row: 11, column: 0, visible: true });
    at(
      5,
      vertex('b', { started: 1.5, completed: 4, name: 'RUN make' }),
      vertex('c', { started: 4, completed: 5, cached: true }),
    );
    end();
    assert.deepEqual(screen.styled(), [
      '$ build .',
      '[+] Building 5.0s (3/3) FINISHED             docker:default',
      '{34} => [internal] load build definition                   1.2s{}',
      '{34} => => transferring dockerfile: 120B                   0.5s{}',
      '{34} => RUN make                                           2.5s{}',
      '{34} => CACHED step c                                      1.0s{}',
    ]);
  });

  it('touches only what changes', () => {
    const { screen, at } = play(80, 20);
    at(0, vertex('a', { started: 0, completed: 0 }), vertex('b', { started: 0 }));
    at(1.1);
    const before = screen.touched;
    at(2.2);
    // Two digits of the clock at the top, two of the step's.
    assert.equal(screen.touched - before, 4);
  });

  it('tells of failed, cancelled and warned steps, with the logs of what failed', () => {
    const { screen, at, end } = play(60, 20);
    at(0, vertex('a', { started: 0 }), log('a', 0.1, 'first\nsecond\n'), warning('a', 'Rule: careful'));
    at(1, vertex('b', { started: 0, completed: 1, error: 'x: context canceled' }));
    at(1, vertex('a', { started: 0, completed: 1, error: 'exit code: 1' }));
    end();
    assert.deepEqual(screen.styled(), [
      '$ build .',
      '[+] Building 1.0s (2/2) FINISHED             docker:default',
      '{31} => ERROR step a                                       1.0s{}',
      ' => WARN: Rule: careful                                1.0s',
      '{33} => CANCELED step b                                    1.0s{}',
      '------',
      ' > step a:',
      '0.100 first',
      '0.100 second',
      '------',
    ]);
  });

  it('keeps to the height, and the running steps in sight', () => {
    const { screen, at, end } = play(40, 8);
    const names = 'abcdefghijkl'.split('');
    for (const name of names)
      at(1, vertex(name, { started: 0, completed: name === 'b' || name === 'l' ? undefined : 1 }));
    assert.deepEqual(
      screen.visible().map((line) => line.slice(0, 12).trimEnd()),
      ['[+] Building', ' => step b', ' => step h', ' => step i', ' => step j', ' => step k', ' => step l'],
    );
    assert.equal(screen.lines()[0], '$ build .');
    end();
    assert.equal(screen.lines().length, 2 + names.length);
  });

  it('cuts names by cells, shows sizes where there is room, and nothing where there is none', () => {
    const { screen, at, resize } = play(46, 12);
    const name = 'RUN 漢字漢字漢字漢字漢字 \u001b[2J\tend of the name';
    at(
      0.5,
      vertex('a', { started: 0, name }),
      transfer('a', `sha256:${'1'.repeat(64)}`, 0, { current: 1_050_000, total: 3_200_000 }),
    );
    assert.deepEqual(screen.visible().slice(2), [
      ' => RUN 漢字漢字漢字漢字漢字  [2J end o  0.0s',
      ' => => sha256:111111111 1.05MB / 3.20MB  0.0s',
    ]);
    resize(18, 12);
    at(0.6);
    assert.deepEqual(screen.visible().slice(-1), ['[+] Building 0.1s']);
  });

  it('paints anew on a terminal that was made narrower or wider', () => {
    const { screen, at, resize, end } = play(80, 20);
    at(0, vertex('a', { started: 0 }), vertex('b', { started: 0 }), log('b', 0, 'text\n'));
    for (const [columns, rows] of [
      [40, 20],
      [100, 12],
      [30, 24],
      [80, 24],
    ] as const) {
      resize(columns, rows);
      at(1);
      const [prompt, head, ...rest] = screen.lines();
      assert.equal(prompt, '$ build .');
      assert.match(head!, /^\[\+\] Building 1\.0s \(0\/2\) +docker:default$|^\[\+\] Building 1\.0s \(0\/2\)/);
      assert.equal(rest.filter((line) => line.startsWith(' => step')).length, 2, `${columns}: ${rest.join('\n')}`);
    }
    end();
    assert.equal(screen.lines().length, 5);
  });

  it('cleans up what is typed while it paints', () => {
    const { screen, at, end } = play(60, 20);
    at(0, vertex('a', { started: 0 }));
    screen.write('^C');
    at(1, vertex('a', { started: 0, completed: 1, error: 'context canceled' }));
    end();
    assert.deepEqual(screen.lines().slice(2), [' => CANCELED step a                                    1.0s']);
    assert.ok(screen.cursor.visible);
  });

  it('has the colours that the environment asks for, or none', () => {
    const styles = (env: Record<string, string>): string[] => {
      const { screen, at } = play(60, 20, env);
      at(
        1,
        vertex('a', { started: 0, completed: 1 }),
        vertex('b', { started: 0, completed: 1, error: 'context canceled' }),
      );
      at(1, vertex('c', { started: 0, completed: 1, error: 'x' }));
      return screen
        .styled()
        .slice(2)
        .map((line) => /^\{([\d;]*)\}/.exec(line)?.[1] ?? '');
    };
    const table: [Record<string, string>, string[]][] = [
      [{}, ['34', '33', '31']],
      [{ NO_COLOR: '1' }, ['', '', '']],
      [{ NO_COLOR: '' }, ['34', '33', '31']],
      [{ BUILDKIT_COLORS: 'run=123,20,245:error=light-yellow:cancel=blue:warning=white' }, ['38;5;93', '34', '93']],
      [{ BUILDKIT_COLORS: 'run=purple:error=1,2:cancel=1,2,300:x=red:run:RUN=GREEN' }, ['32', '33', '31']],
      [{ BUILDKIT_COLORS: 'run=green', NO_COLOR: '1' }, ['', '', '']],
    ];
    for (const [env, expected] of table) assert.deepEqual(styles(env), expected, JSON.stringify(env));
  });
});
