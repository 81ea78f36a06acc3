import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildKit } from '../../../../src/buildkit/client.ts';
import { solve } from '../../../../src/engine/build/solve.ts';
import type { StatusResponse } from '../../../../src/gen/moby/buildkit/v1/control.ts';

const message: StatusResponse = { vertexes: [], statuses: [], logs: [], warnings: [] };
const request = { Ref: 'r' };

/** @param messages how many there are; after them the stream ends, or stays open */
function fake(messages: number, ends: boolean, solved: Promise<unknown>): BuildKit {
  const client = {
    solve: () => solved,
    async *status(_ref: string, { signal }: { signal: AbortSignal }) {
      for (let index = 0; index < messages; index++) yield message;
      if (!ends) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  return client as unknown as BuildKit;
}

const answer = { ExporterResponse: { a: 'b' } };

test('the last message has been shown when a build is over, however slow that is', async () => {
  let shown = 0;
  const onStatus = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    shown++;
  };
  const signal = new AbortController().signal;
  const result = await solve(fake(3, true, Promise.resolve(answer)), { request, signal, onStatus });
  assert.deepEqual([result, shown], [answer, 3]);
});

test('a build that was refused before it began does not wait for messages', { timeout: 10_000 }, async () => {
  const signal = new AbortController().signal;
  const refused = Promise.reject(new Error('no such exporter'));
  await assert.rejects(solve(fake(0, false, refused), { request, signal, onStatus() {} }), /no such exporter/);
});

test('who interrupts a build does not wait for a terminal that takes nothing', { timeout: 10_000 }, async () => {
  const interrupt = new AbortController();
  const solved = new Promise((_, reject) =>
    interrupt.signal.addEventListener('abort', () => reject(new Error('over'))),
  );
  const building = solve(fake(2, true, solved), {
    request,
    signal: interrupt.signal,
    onStatus: () => new Promise(() => {}),
  });
  setImmediate(() => interrupt.abort());
  await assert.rejects(building, /over/);
});
