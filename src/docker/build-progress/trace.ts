import { type Group, newGroup, refreshGroup } from './groups.ts';
import { newLogScreen } from './log-screen.ts';
import { addLog, forgetOldLogs } from './logs.ts';
import { type BuildStatus, type BuildVertex, nanosOf, nanosOrNone } from './status.ts';
import { addInterval, countChange, isStarted, newStep, type Step } from './step.ts';

/** All that is known of a build, in the order in which it came. */
export interface Trace {
  /** Those that have started, in that order. */
  readonly steps: Step[];
  /** By the vertex's digest; all members of a progress group have the same step. */
  readonly byDigest: Map<string, Step>;
  readonly groups: Map<string, Group>;
  /** Changed since the plain form looked at them. */
  readonly changed: Set<Step>;
  /** The daemon's clock when the first step started, and what ours is ahead of it; nanoseconds. */
  startTime?: bigint;
  clockAhead?: bigint;
  /** Keep what a terminal needs, the end of each log as on a screen so wide. */
  readonly logColumns?: number;
}

export function newTrace(logColumns?: number): Trace {
  return { logColumns, steps: [], byDigest: new Map(), groups: new Map(), changed: new Set() };
}

/** @param now nanoseconds since 1970 by our clock */
export function updateTrace(trace: Trace, status: BuildStatus, now: bigint): void {
  const groups = new Set<Group>();
  for (const vertex of status.vertexes) {
    trace.startTime ??= nanosOrNone(vertex.started);
    if (vertex.progressGroup) groups.add(updateMember(trace, vertex));
    else updateVertex(trace, vertex, now);
  }
  for (const group of groups) updateGroup(trace, group, now);
  for (const state of status.statuses) {
    const step = trace.byDigest.get(state.vertex);
    if (!step) continue;
    if (state.started && !step.statusById.get(state.ID)?.started) step.statuses.push(state.ID);
    step.statusById.set(state.ID, state);
    changed(trace, step, now);
  }
  for (const warning of status.warnings) {
    const step = trace.byDigest.get(warning.vertex);
    if (!step) continue;
    step.warnings.push(warning);
    countChange(step, now);
  }
  for (const log of status.logs) {
    const step = trace.byDigest.get(log.vertex);
    if (!step) continue;
    step.screen?.write(log.msg);
    addLog(step, log);
    if (step.screen) forgetOldLogs(step);
    changed(trace, step, now);
  }
}

function changed(trace: Trace, step: Step, now: bigint): void {
  countChange(step, now);
  trace.changed.add(step);
}

function openStep(trace: Trace, digest: string, name: string): Step {
  const step = newStep(digest, name, trace.logColumns ? newLogScreen(trace.logColumns) : undefined);
  trace.byDigest.set(digest, step);
  return step;
}

function updateVertex(trace: Trace, vertex: BuildVertex, now: bigint): void {
  const known = trace.byDigest.get(vertex.digest);
  const step = known ?? openStep(trace, vertex.digest, vertex.name);
  const fresh = !isStarted(step);
  // One that has started is not undone by a message that knows nothing of it.
  if (fresh || vertex.started) {
    step.name = vertex.name;
    step.cached = vertex.cached;
    step.error = vertex.error;
  }
  if (!vertex.started) return;
  if (differs(vertex, step.previous)) changed(trace, step, now);
  step.previous = vertex;
  const start = nanosOf(vertex.started);
  if (fresh) {
    trace.clockAhead ??= now - start;
    trace.steps.push(step);
  }
  addInterval(step, start, nanosOrNone(vertex.completed));
}

/** As in buildx, a message that says once more that the vertex is done counts. */
function differs(vertex: BuildVertex, previous: BuildVertex | undefined): boolean {
  return (
    previous?.started === undefined ||
    vertex.completed !== undefined ||
    vertex.name !== previous.name ||
    vertex.cached !== previous.cached ||
    vertex.error !== previous.error ||
    nanosOrNone(vertex.started) !== nanosOf(previous.started)
  );
}

function updateMember(trace: Trace, vertex: BuildVertex): Group {
  const { id, name } = vertex.progressGroup!;
  let group = trace.groups.get(id);
  if (!group) {
    group = newGroup(openStep(trace, id, name));
    trace.groups.set(id, group);
  }
  group.members.set(vertex.digest, vertex);
  trace.byDigest.set(vertex.digest, group.step);
  return group;
}

function updateGroup(trace: Trace, group: Group, now: bigint): void {
  const { step } = group;
  const change = refreshGroup(group);
  if (change.started) trace.clockAhead ??= now - step.merged[0]!.start;
  if (step.hidden) return;
  if (change.revealed) trace.steps.push(step);
  if (change.changed) changed(trace, step, now);
}
