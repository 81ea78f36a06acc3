import { goJson } from '../values/go-json.ts';
import { formatRfc3339Nano } from '../values/time.ts';
import { type BuildStatus, type BuildTime, type BuildWarning, nanosOf } from './status.ts';

/** What Go takes a missing time for. */
const epoch: BuildTime = { seconds: 0, nanos: 0 };

/** `--progress=rawjson`: a message as BuildKit's Go client encodes its SolveStatus, one line. */
export function rawJsonLine(status: BuildStatus): string {
  const message = {
    vertexes: list(status.vertexes, (vertex) => ({
      digest: text(vertex.digest),
      inputs: list(vertex.inputs, (input) => input),
      name: text(vertex.name),
      started: time(vertex.started),
      completed: time(vertex.completed),
      cached: vertex.cached || undefined,
      error: text(vertex.error),
      progressGroup: vertex.progressGroup && {
        id: text(vertex.progressGroup.id),
        name: text(vertex.progressGroup.name),
        weak: vertex.progressGroup.weak || undefined,
      },
    })),
    statuses: list(status.statuses, (state) => ({
      id: state.ID,
      vertex: text(state.vertex),
      name: text(state.name),
      total: state.total || undefined,
      current: state.current,
      timestamp: time(state.timestamp ?? epoch),
      started: time(state.started),
      completed: time(state.completed),
    })),
    logs: list(status.logs, (log) => ({
      vertex: text(log.vertex),
      stream: log.stream || undefined,
      data: base64(log.msg),
      timestamp: time(log.timestamp ?? epoch),
    })),
    warnings: list(status.warnings, jsonWarning),
  };
  return `${goJson(message)}\n`;
}

/** As `buildx.build.warnings` of a metadata file has it too. */
export function jsonWarning(warning: BuildWarning): object {
  return {
    vertex: text(warning.vertex),
    level: warning.level || undefined,
    short: warning.short.length > 0 ? base64(warning.short) : undefined,
    detail: list(warning.detail, base64),
    url: text(warning.url),
    sourceInfo: warning.info && {
      filename: text(warning.info.filename),
      data: warning.info.data.length > 0 ? base64(warning.info.data) : undefined,
      language: text(warning.info.language),
    },
    range: list(warning.ranges, ({ start, end }) => ({ start: position(start), end: position(end) })),
  };
}

/** Go leaves out what is empty. */
function text(value: string | undefined): string | undefined {
  return value || undefined;
}

function list<T, R>(values: readonly T[], map: (value: T) => R): R[] | undefined {
  return values.length === 0 ? undefined : values.map(map);
}

function time(value: BuildTime | undefined): string | undefined {
  return value && formatRfc3339Nano(nanosOf(value));
}

function base64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

function position(value: { line: number; character: number } | undefined): object | undefined {
  return value && { line: value.line || undefined, character: value.character || undefined };
}
