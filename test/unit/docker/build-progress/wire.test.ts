import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rawJsonLine } from '../../../../src/docker/build-progress/rawjson.ts';
import type { BuildStatus } from '../../../../src/docker/build-progress/status.ts';
import { StatusResponse } from '../../../../src/gen/moby/buildkit/v1/control.ts';

const noTimes = { timestamp: undefined, started: undefined, completed: undefined };

it("the generated messages are what the progress takes, and Go's JSON comes of them", () => {
  const sent: StatusResponse = {
    vertexes: [
      {
        digest: 'sha256:1',
        inputs: [],
        name: '<a> & b',
        cached: false,
        started: { seconds: 1, nanos: 1_230_000 },
        completed: undefined,
        error: '',
        progressGroup: { id: 'g', name: 'G', weak: true },
      },
    ],
    statuses: [{ ID: 'i', vertex: 'sha256:1', name: '', current: 0, total: 2, ...noTimes }],
    logs: [{ vertex: 'sha256:1', stream: 1, msg: Buffer.from([0xff]), timestamp: { seconds: 2, nanos: 0 } }],
    warnings: [
      {
        vertex: 'sha256:1',
        level: 0,
        short: Buffer.from('w'),
        detail: [],
        url: '',
        info: undefined,
        ranges: [{ start: { line: 1, character: 0 }, end: undefined }],
      },
    ],
  };
  const received: BuildStatus = StatusResponse.decode(StatusResponse.encode(sent).finish());
  assert.equal(
    rawJsonLine(received),
    '{"vertexes":[{"digest":"sha256:1","name":"\\u003ca\\u003e \\u0026 b","started":"1970-01-01T00:00:01.00123Z","progressGroup":{"id":"g","name":"G","weak":true}}],' +
      '"statuses":[{"id":"i","vertex":"sha256:1","total":2,"current":0,"timestamp":"1970-01-01T00:00:00Z"}],' +
      '"logs":[{"vertex":"sha256:1","stream":1,"data":"/w==","timestamp":"1970-01-01T00:00:02Z"}],' +
      '"warnings":[{"vertex":"sha256:1","short":"dw==","range":[{"start":{"line":1}}]}]}\n',
  );
});
