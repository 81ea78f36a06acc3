import type {
  BuildStatus,
  BuildTime,
  BuildWarning,
  SourceRange,
} from '../../../../src/docker/build-progress/status.ts';
import { parseRfc3339 } from '../../../../src/docker/values/time.ts';

type Json = Record<string, unknown>;

/** A line of `buildx build --progress=rawjson`, which is the stream of messages itself, as the message. */
export function statusOf(line: string): BuildStatus {
  const { vertexes = [], statuses = [], logs = [], warnings = [] } = JSON.parse(line) as Record<string, Json[]>;
  return {
    vertexes: vertexes.map((vertex) => ({
      inputs: [],
      cached: false,
      name: '',
      error: '',
      ...(vertex as { digest: string }),
      ...times(vertex),
    })),
    statuses: statuses.map(({ id, ...status }) => ({
      ID: id as string,
      name: '',
      total: 0,
      ...(status as { current: number; vertex: string }),
      ...times(status),
    })),
    logs: logs.map((log) => ({ stream: 0, ...(log as { vertex: string }), msg: bytes(log.data), ...times(log) })),
    warnings: warnings.map(warningOf),
  };
}

function warningOf({ short, detail = [], url = '', sourceInfo, range = [], vertex, level = 0 }: Json): BuildWarning {
  const info = sourceInfo as { filename: string; data: string; language?: string } | undefined;
  return {
    vertex: vertex as string,
    level: level as number,
    short: bytes(short),
    detail: (detail as string[]).map(bytes),
    url: url as string,
    info: info && { ...info, data: bytes(info.data) },
    ranges: range as SourceRange[],
  };
}

function times(json: Json): { started?: BuildTime; completed?: BuildTime; timestamp?: BuildTime } {
  return { started: time(json.started), completed: time(json.completed), timestamp: time(json.timestamp) };
}

function time(text: unknown): BuildTime | undefined {
  const nanos = typeof text === 'string' ? parseRfc3339(text) : undefined;
  if (nanos === undefined) return undefined;
  return { seconds: Number(nanos / 1_000_000_000n), nanos: Number(nanos % 1_000_000_000n) };
}

function bytes(base64: unknown): Uint8Array {
  return Buffer.from((base64 as string | undefined) ?? '', 'base64');
}
