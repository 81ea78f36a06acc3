/**
 * BuildKit's messages on a running build, structurally those of moby.buildkit.v1.StatusResponse. Each message repeats
 * only what has changed: a vertex is merged by its digest, a status by its ID.
 */
export interface BuildStatus {
  vertexes: readonly BuildVertex[];
  statuses: readonly VertexStatus[];
  logs: readonly VertexLog[];
  warnings: readonly BuildWarning[];
}

/** A time as google.protobuf.Timestamp has it. */
export interface BuildTime {
  /** Since 1970. */
  seconds: number;
  nanos: number;
}

/** One step of a build. */
export interface BuildVertex {
  digest: string;
  inputs: readonly string[];
  name: string;
  cached: boolean;
  started?: BuildTime;
  completed?: BuildTime;
  /** Empty: none. */
  error: string;
  progressGroup?: ProgressGroup;
}

/** Vertexes of one group are shown as one; one whose members are all weak is not shown. */
export interface ProgressGroup {
  id: string;
  name: string;
  weak: boolean;
}

/** Part of a step with progress of its own: a layer, a transfer. */
export interface VertexStatus {
  ID: string;
  vertex: string;
  name: string;
  /** In bytes; 0 is unknown. */
  current: number;
  total: number;
  timestamp?: BuildTime;
  started?: BuildTime;
  completed?: BuildTime;
}

export interface VertexLog {
  vertex: string;
  timestamp?: BuildTime;
  /** 1 is stdout, 2 is stderr. */
  stream: number;
  msg: Uint8Array;
}

export interface BuildWarning {
  vertex: string;
  level: number;
  short: Uint8Array;
  detail: readonly Uint8Array[];
  url: string;
  info?: SourceInfo;
  ranges: readonly SourceRange[];
}

export interface SourceInfo {
  filename: string;
  data: Uint8Array;
  language?: string;
}

/** Lines count from 1. A missing end is the start. */
export interface SourceRange {
  start?: SourcePosition;
  end?: SourcePosition;
}

export interface SourcePosition {
  line: number;
  character: number;
}

const nanosPerSecond = 1_000_000_000n;

/** Nanoseconds since 1970. */
export function nanosOf(time: BuildTime): bigint {
  return BigInt(time.seconds) * nanosPerSecond + BigInt(time.nanos);
}

export function nanosOrNone(time: BuildTime | undefined): bigint | undefined {
  return time && nanosOf(time);
}

export function secondsBetween(start: bigint, end: bigint): number {
  return Number(end - start) / 1e9;
}

/** BuildKit marks what was stopped by this end of the error. */
export function isCancelled(error: string): boolean {
  return error.endsWith('context canceled');
}
