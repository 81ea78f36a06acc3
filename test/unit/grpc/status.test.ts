import assert from 'node:assert/strict';
import { it } from 'node:test';
import { encodeTimeout } from '../../../src/grpc/call.ts';
import { Code, decodeMessage, isRpcError, RpcError } from '../../../src/grpc/status.ts';

const messages: [string, string][] = [
  ['plain', 'plain'],
  ['a%20b%25', 'a b%'],
  ['%E2%9C%93', '✓'],
  ['100% of %zz %4', '100% of %zz %4'],
  ['%ff', '\ufffd'],
];
for (const [encoded, decoded] of messages) {
  it(`decodes grpc-message ${encoded}`, () => assert.equal(decodeMessage(encoded), decoded));
}

const timeouts: [number, string][] = [
  [0, '0m'],
  [0.2, '1m'],
  [1500, '1500m'],
  [1e8, '100000S'],
  [1e15, '99999999S'],
];
for (const [milliseconds, encoded] of timeouts) {
  it(`encodes a timeout of ${milliseconds} ms`, () => assert.equal(encodeTimeout(milliseconds), encoded));
}

it('recognises an RpcError by its brand and code', () => {
  const error = new RpcError(Code.NOT_FOUND, 'no such thing');
  assert.ok(isRpcError(error) && isRpcError(error, Code.NOT_FOUND));
  assert.ok(!isRpcError(error, Code.ABORTED) && !isRpcError(new Error('x')) && !isRpcError(undefined));
});
