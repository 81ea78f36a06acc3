import { type BuildVertex, nanosOf, nanosOrNone } from './status.ts';
import { addInterval, isStarted, type Step } from './step.ts';

/** Vertexes that are shown as one step. */
export interface Group {
  readonly step: Step;
  readonly members: Map<string, BuildVertex>;
}

export function newGroup(step: Step): Group {
  step.hidden = true;
  return { step, members: new Map() };
}

export interface GroupChange {
  changed: boolean;
  /** Its first member has started. */
  started: boolean;
  /** It is to be shown from now on. */
  revealed: boolean;
}

/** Takes over what the members have come to. */
export function refreshGroup({ step, members }: Group): GroupChange {
  const wasStarted = isStarted(step);
  const wasHidden = step.hidden;
  const before = { cached: step.cached, error: step.error };
  let changed = false;
  step.cached = true;
  for (const member of members.values()) {
    if (member.started) {
      const start = nanosOf(member.started);
      const stop = nanosOrNone(member.completed);
      const known = step.intervals.get(start);
      if (known === undefined || known.stop !== stop) changed = true;
      addInterval(step, start, stop);
      if (!member.progressGroup?.weak) step.hidden = false;
    }
    step.cached &&= member.cached;
    if (step.error === '') step.error = member.error;
    else step.hidden = false;
  }
  const revealed = wasHidden && !step.hidden;
  changed ||= revealed || step.cached !== before.cached || step.error !== before.error;
  return { changed, started: !wasStarted && isStarted(step), revealed };
}
