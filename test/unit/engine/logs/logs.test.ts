import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type LogOptions, readLogs } from '../../../../src/engine/logs/logs.ts';

const line = (log: string, stream = 'stdout', time = '2024-05-06T07:08:09.1Z') =>
  `${JSON.stringify({ log, stream, time })}\n`;
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => line(`${from + i}\n`)).join('');
const plain = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\n`).join('');
const nanoseconds = (text: string, extra = 0n) => BigInt(Date.parse(text)) * 1_000_000n + extra;

function collector() {
  const got = { stdout: '', stderr: '', all: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (data: Uint8Array) => {
      got[name] += Buffer.from(data).toString();
      got.all += Buffer.from(data).toString();
      return true;
    },
    drained: async () => {},
  });
  return { got, stdout: sink('stdout'), stderr: sink('stderr') };
}

describe('logs', () => {
  let dir: string;
  let path: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'nerdctl-logs-'));
  });
  after(() => rmSync(dir, { recursive: true }));
  let count = 0;
  beforeEach(() => {
    path = join(dir, `${++count}-json.log`);
  });

  const read = async (options: LogOptions = {}) => {
    const { got, ...sinks } = collector();
    await readLogs(path, { ...sinks, ...options });
    return got;
  };

  const texts: [name: string, content: string, all: string][] = [
    ['plain', line('a\n') + line('b\n', 'stderr') + line('c\n'), 'a\nb\nc\n'],
    ['without newline', line('a') + line('b\n'), 'ab\n'],
    ['escapes', line('"\\\t\n') + line('\\n\n'), '"\\\t\n\\n\n'],
    [
      'UTF-8, escaped and not',
      `${line('é€😀\n')}{"log":"\\u003c\\ufffd\\n","stream":"stdout","time":"x"}\n`,
      'é€😀\n<�\n',
    ],
    ['attributes', '{"log":"a\\n","stream":"stderr","attrs":{"k":"v"},"time":"2024-05-06T07:08:09Z"}\n', 'a\n'],
    ['a line cut by a crash, and an unfinished one', `{"log":"x\n${line('a\n')}{"log":"b`, 'a\n'],
    ['nothing', '', ''],
  ];
  for (const [name, content, all] of texts)
    test(name, async () => {
      writeFileSync(path, content);
      assert.equal((await read()).all, all);
    });

  test('a log that does not exist is empty', async () => assert.equal((await read()).all, ''));

  test('one stream only', async () => {
    writeFileSync(path, line('a\n') + line('b\n', 'stderr'));
    const { got, stderr } = collector();
    await readLogs(path, { stderr });
    assert.equal(got.all, 'b\n');
  });

  test('timestamps have nine digits', async () => {
    writeFileSync(
      path,
      line('a\n') +
        line('b\n', 'stdout', '2024-05-06T07:08:10Z') +
        line('"\n', 'stdout', '2024-05-06T09:08:10.123456789+02:00'),
    );
    assert.equal(
      (await read({ timestamps: true })).all,
      '2024-05-06T07:08:09.100000000Z a\n2024-05-06T07:08:10.000000000Z b\n2024-05-06T07:08:10.123456789Z "\n',
    );
  });

  test('since and until, to the nanosecond', async () => {
    const times = ['07:08:09Z', '07:08:09.000000001Z', '07:08:09.000000002Z', '07:08:09.5Z', '07:08:10Z'];
    writeFileSync(path, times.map((t, i) => line(`${i}\n`, 'stdout', `2024-05-06T${t}`)).join(''));
    const at = (ns: bigint) => nanoseconds('2024-05-06T07:08:09Z', ns);
    assert.equal((await read({ since: at(1n) })).all, '1\n2\n3\n4\n');
    assert.equal((await read({ until: at(1n) })).all, '0\n1\n');
    assert.equal((await read({ since: at(2n), until: at(500_000_000n) })).all, '2\n3\n');
  });

  describe('tail across rotated files', () => {
    for (const [tail, from] of [
      [0, 31],
      [1, 30],
      [9, 22],
      [10, 21],
      [11, 20],
      [20, 11],
      [25, 6],
      [30, 1],
      [99, 1],
    ] as const)
      test(String(tail), async () => {
        writeFileSync(`${path}.2`, numbers(1, 10));
        writeFileSync(`${path}.1`, numbers(11, 20));
        writeFileSync(path, numbers(21, 30));
        assert.equal((await read({ tail })).all, plain(from, 30));
      });
    test('lines longer than a block', async () => {
      const long = 'x'.repeat(200_000);
      writeFileSync(path, line('a\n') + line(`${long}\n`) + line('b\n'));
      assert.equal((await read({ tail: 2 })).all, `${long}\nb\n`);
    });
  });

  describe('follow', () => {
    const following = (options: LogOptions = {}) => {
      let end = () => {};
      const over = new Promise<void>((resolve) => {
        end = resolve;
      });
      const { got, ...sinks } = collector();
      const done = readLogs(path, { ...sinks, follow: over, ...options });
      const until = async (text: string) => {
        for (let i = 0; got.all !== text; i++) {
          if (i > 500) assert.equal(got.all, text);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      };
      return { got, done, end, until };
    };

    test('what is written later, also before the end is seen', async () => {
      writeFileSync(path, numbers(1, 3));
      const f = following({ tail: 1 });
      await f.until('3\n');
      appendFileSync(path, numbers(4, 5));
      await f.until('3\n4\n5\n');
      appendFileSync(path, numbers(6, 6));
      f.end();
      await f.done;
      assert.equal(f.got.all, '3\n4\n5\n6\n');
    });

    test('a log that is not there yet, and half a line', async () => {
      const f = following();
      writeFileSync(path, numbers(1, 1));
      await f.until('1\n');
      const text = line('2\n');
      appendFileSync(path, text.slice(0, 20));
      appendFileSync(path, text.slice(20));
      await f.until('1\n2\n');
      f.end();
      await f.done;
    });

    test('through rotations, two of them at once', async () => {
      writeFileSync(path, numbers(1, 2));
      const f = following();
      await f.until(plain(1, 2));
      appendFileSync(path, numbers(3, 4));
      renameSync(path, `${path}.2`);
      writeFileSync(`${path}.1`, numbers(5, 6));
      writeFileSync(path, numbers(7, 8));
      await f.until(plain(1, 8));
      f.end();
      await f.done;
    });

    test('a log that is cut in place', async () => {
      writeFileSync(path, numbers(1, 3));
      const f = following();
      await f.until(plain(1, 3));
      truncateSync(path);
      appendFileSync(path, numbers(4, 4));
      await f.until(plain(1, 4));
      f.end();
      await f.done;
    });

    test('aborted', async () => {
      writeFileSync(path, numbers(1, 1));
      const cancel = new AbortController();
      const f = following({ signal: cancel.signal });
      await f.until('1\n');
      cancel.abort(new Error('enough'));
      await assert.rejects(f.done, /enough/);
    });
  });
});
