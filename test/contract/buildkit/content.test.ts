import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { contentService } from '../../../src/buildkit/services/content.ts';
// As containerd's clients have them: other messages than those of the service.
import {
  InfoRequest,
  InfoResponse,
  ReadContentRequest,
  ReadContentResponse,
  StatusRequest,
  StatusResponse,
  WriteContentRequest,
  WriteContentResponse,
} from '../../../src/gen/containerd/services/content/v1/content.ts';
import { AbortRequest } from '../../../src/gen/moby/session/content.ts';
import { Code } from '../../../src/grpc/status.ts';
import { answerOf, framed, messagesOf, openRequest } from '../grpc/http2-client.ts';
import { served } from './served.ts';

const path = (method: string) => `/containerd.services.content.v1.Content/${method}`;
const sha256 = (data: Uint8Array) => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const big = Buffer.alloc(3_000_000, 'nerdctl');
const store = (id: string) => ({ 'buildkit-attachable-store-id': id });
const writing = store('export');
const MISSING = sha256(Buffer.from('missing'));

const action = { STAT: 0, WRITE: 1, COMMIT: 2 } as const;
const base = { action: action.STAT, ref: '', total: 0, expected: '', offset: 0, data: Buffer.alloc(0), labels: {} };
type Write = Partial<Omit<typeof base, 'action'>> & { action: 0 | 1 | 2 };
const encode = (request: Write) => WriteContentRequest.encode({ ...base, ...request }).finish();

function layouts(t: TestContext) {
  const top = mkdtempSync(join(tmpdir(), 'nerdctl-content-'));
  t.after(() => rmSync(top, { recursive: true, force: true }));
  const dir = join(top, 'oci');
  mkdirSync(join(dir, 'blobs/sha256'), { recursive: true });
  writeFileSync(join(dir, 'blobs', sha256(big).replace(':', '/')), big);
  const out = join(top, 'out');
  const service = served(
    t,
    contentService({ 'oci:base': { dir }, 'local:ä': { dir }, export: { dir: out, writable: true } }),
  );
  /** Requests and responses in turn; the answers, or the error. */
  const write = async (requests: Write[], headers = writing) => {
    const messages = await service.call(path('Write'), requests.map(encode), headers);
    return messages.map((message) => WriteContentResponse.decode(message));
  };
  const files = () => (existsSync(join(out, 'blobs/sha256')) ? readdirSync(join(out, 'blobs/sha256')) : []);
  return { ...service, write, files, out, dir };
}

describe('content of a layout in a session', () => {
  it('is described', async (t) => {
    const { call } = layouts(t);
    for (const id of ['oci:base', Buffer.from('local:ä').toString('latin1')]) {
      const [reply] = await call(path('Info'), InfoRequest.encode({ digest: sha256(big) }).finish(), store(id));
      const { info } = InfoResponse.decode(reply!);
      assert.deepEqual([info?.digest, info?.size, info?.labels], [sha256(big), big.length, {}]);
      assert.ok(Math.abs(Date.now() - info!.updatedAt!.getTime()) < 60_000);
    }
  });

  const refused: [string, string, string, number][] = [
    ['a missing blob', 'oci:base', MISSING, Code.NOT_FOUND],
    ['an unknown store', 'oci:other', sha256(big), Code.NOT_FOUND],
    ['no store', '', sha256(big), Code.NOT_FOUND],
    ['a path for a digest', 'oci:base', 'sha256:../../oci-layout', Code.INVALID_ARGUMENT],
    ['a short digest', 'oci:base', 'sha256:abcd', Code.INVALID_ARGUMENT],
  ];
  for (const [name, id, digest, code] of refused) {
    it(`refuses ${name}`, async (t) => {
      const { call } = layouts(t);
      await assert.rejects(call(path('Info'), InfoRequest.encode({ digest }).finish(), store(id)), { code });
      const read = ReadContentRequest.encode({ digest, offset: 0, size: 0 }).finish();
      await assert.rejects(call(path('Read'), read, store(id)), { code });
    });
  }

  const ranges: [number, number, Buffer][] = [
    [0, 0, big],
    [0, 10, big.subarray(0, 10)],
    [1_048_570, 20, big.subarray(1_048_570, 1_048_590)],
    [2_999_990, 1000, big.subarray(2_999_990)],
    [3_000_000, 0, Buffer.alloc(0)],
  ];
  for (const [offset, size, expected] of ranges) {
    it(`is read from ${offset}, ${size} bytes`, async (t) => {
      const { call } = layouts(t);
      const request = ReadContentRequest.encode({ digest: sha256(big), offset, size }).finish();
      let at = offset;
      const parts = (await call(path('Read'), request, store('oci:base'))).map((message) => {
        const reply = ReadContentResponse.decode(message);
        assert.equal(reply.offset, at);
        at += reply.data.length;
        return reply.data;
      });
      assert.equal(Buffer.compare(Buffer.concat(parts), expected), 0);
    });
  }

  it('is not read past its end', async (t) => {
    const { call } = layouts(t);
    const request = ReadContentRequest.encode({ digest: sha256(big), offset: big.length + 1, size: 0 }).finish();
    await assert.rejects(call(path('Read'), request, store('oci:base')), { code: Code.OUT_OF_RANGE });
  });
});

describe('content that a session writes', () => {
  const total = big.length;
  const expected = sha256(big);
  const half = total / 2;
  const opening: Write = { action: action.STAT, ref: 'layer', total, expected };
  const halves: Write[] = [
    { action: action.WRITE, data: big.subarray(0, half) },
    { action: action.WRITE, data: big.subarray(half), offset: half },
  ];
  const commit: Write = { action: action.COMMIT, total, expected, offset: total };

  it('appears when it is whole', async (t) => {
    const { write, files, out } = layouts(t);
    const replies = await write([opening, ...halves, commit]);
    assert.deepEqual(
      replies.map((reply) => [reply.action, reply.offset, reply.total]),
      [
        [0, 0, total],
        [1, half, total],
        [1, total, total],
        [2, total, total],
      ],
    );
    assert.equal(replies[3]?.digest, expected);
    assert.deepEqual(files(), [expected.slice(7)]);
    assert.equal(Buffer.compare(readFileSync(join(out, 'blobs/sha256', files()[0]!)), big), 0);
    await assert.rejects(write([opening]), { code: Code.ALREADY_EXISTS });
    await assert.rejects(
      write([
        { action: action.WRITE, ref: 'again', data: big },
        { action: action.COMMIT, offset: total },
      ]),
      {
        code: Code.ALREADY_EXISTS,
      },
    );
    assert.deepEqual(files(), [expected.slice(7)]);
  });

  it('begins anew at offset 0', async (t) => {
    const { write, files } = layouts(t);
    await write([opening, { action: action.WRITE, data: Buffer.from('wrong') }, ...halves, commit]);
    assert.deepEqual(files(), [expected.slice(7)]);
  });

  const bad: [string, Write[], number, RegExp][] = [
    [
      'other bytes',
      [opening, { action: action.WRITE, data: Buffer.alloc(total) }, commit],
      9,
      /unexpected commit digest/,
    ],
    [
      'too few bytes',
      [opening, halves[0]!, { ...commit, offset: half }],
      9,
      /unexpected commit size 1500000, expected/,
    ],
    ['a gap', [opening, { ...halves[1]!, offset: 7 }], 11, /must occur at current offset 0/],
    ['no ref', [{ action: action.STAT }], 3, /must have a reference/],
    ['another ref', [opening, { ...halves[0]!, ref: 'x' }], 3, /reference changed/],
    ['a digest that is a path', [{ ...opening, expected: '../../x' }], 3, /invalid digest/],
  ];
  for (const [name, requests, code, message] of bad) {
    it(`is refused, and nothing stays: ${name}`, async (t) => {
      const { write, files } = layouts(t);
      await assert.rejects(write(requests), { code, message });
      assert.deepEqual(files(), []);
    });
  }

  it('is not written to a layout that is only read', async (t) => {
    const { write } = layouts(t);
    await assert.rejects(write([{ ...opening, expected: MISSING }], store('oci:base')), {
      code: Code.FAILED_PRECONDITION,
    });
  });

  it('is gone when the writer does not commit', async (t) => {
    const { write, files } = layouts(t);
    await write([opening, halves[0]!]);
    assert.deepEqual(files(), []);
  });

  it('has a status while it is written, one writer, and may be aborted', async (t) => {
    const { call, write, files, http2 } = layouts(t);
    const stream = openRequest(http2, path('Write'), writing);
    const answer = answerOf(stream);
    stream.write(framed(encode(opening)));
    stream.write(framed(encode(halves[0]!)));
    const status = StatusRequest.encode({ ref: 'layer' }).finish();
    let offset = 0;
    // Until the second message has arrived.
    while (offset === 0) {
      const [reply] = await call(path('Status'), status, writing).catch(() => []);
      if (reply) offset = StatusResponse.decode(reply).status!.offset;
    }
    assert.equal(offset, half);
    await assert.rejects(write([opening]), { code: Code.UNAVAILABLE, message: 'ref layer locked' });
    await call(path('Abort'), AbortRequest.encode({ ref: 'layer' }).finish(), writing);
    await assert.rejects(call(path('Status'), status, writing), { code: Code.NOT_FOUND });
    assert.deepEqual(files(), []);
    stream.end();
    const { body } = await answer;
    assert.equal(messagesOf(body).length, 2);
  });

  it('is gone when the daemon is', async (t) => {
    const { http2, files } = layouts(t);
    const stream = openRequest(http2, path('Write'), writing);
    stream.on('error', () => {});
    stream.write(framed(encode(opening)));
    stream.write(framed(encode(halves[0]!)));
    await new Promise((resolve) => stream.once('data', resolve));
    http2.destroy();
    while (files().length > 0) await new Promise(setImmediate);
  });
});
