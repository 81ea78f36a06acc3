import type {
  BuildStatus,
  BuildTime,
  BuildVertex,
  VertexStatus,
} from '../../../../src/docker/build-progress/status.ts';

const startOfTests = 1_700_000_000;

/** Seconds after the start of the test, as BuildKit's clock shows them: it is an hour behind ours. */
export function at(seconds: number): BuildTime {
  const nanos = Math.round(seconds * 1e9);
  return { seconds: startOfTests - 3600 + Math.floor(nanos / 1e9), nanos: nanos % 1e9 };
}

/** The same in milliseconds on our clock. */
export function ours(seconds: number): number {
  return (startOfTests + seconds) * 1000;
}

type Change = Omit<Partial<BuildVertex>, 'started' | 'completed'> & { started?: number; completed?: number };

/** Steps are called by letters, which are their digests. */
export function vertex(digest: string, { started, completed, ...rest }: Change = {}): BuildStatus {
  const times = {
    started: started === undefined ? undefined : at(started),
    completed: completed === undefined ? undefined : at(completed),
  };
  const all = { digest, inputs: [], name: `step ${digest}`, cached: false, error: '', ...rest, ...times };
  return { ...nothing, vertexes: [all] };
}

export function log(digest: string, seconds: number, text: string | Uint8Array): BuildStatus {
  return { ...nothing, logs: [{ vertex: digest, stream: 1, msg: Buffer.from(text), timestamp: at(seconds) }] };
}

export function transfer(
  digest: string,
  ID: string,
  seconds: number,
  change: Partial<Pick<VertexStatus, 'current' | 'total'>> & { started?: number; completed?: number } = {},
): BuildStatus {
  const { current = 0, total = 0, started = seconds, completed } = change;
  const times = {
    timestamp: at(seconds),
    started: at(started),
    completed: completed === undefined ? undefined : at(completed),
  };
  return { ...nothing, statuses: [{ ID, vertex: digest, name: '', current, total, ...times }] };
}

export function warning(digest: string, short: string, line = 1): BuildStatus {
  const info = { filename: 'Dockerfile', data: Buffer.from('FROM x\nENV a b\n') };
  const ranges = [{ start: { line, character: 0 }, end: { line, character: 0 } }];
  const detail = [Buffer.from('It is so.')];
  return {
    ...nothing,
    warnings: [
      { vertex: digest, level: 1, short: Buffer.from(short), detail, url: 'https://example.com', info, ranges },
    ],
  };
}

const nothing: BuildStatus = { vertexes: [], statuses: [], logs: [], warnings: [] };
