import type { BuildKit } from '../../buildkit/client.ts';
import type { SolveRequest, SolveResponse, StatusResponse } from '../../gen/moby/buildkit/v1/control.ts';

export interface SolveOptions {
  request: Partial<SolveRequest> & { Ref: string };
  /** Cancels the build. */
  signal: AbortSignal;
  /** The next message waits for it. */
  onStatus: (status: StatusResponse) => void | Promise<void>;
}

/** Milliseconds without a message: of a solve that was refused before it began there is no status, and no end of it. */
const silence = 1500;

/** Solves, and tells of it while it goes on; the last message has come when this is over. */
export async function solve(client: BuildKit, { request, signal, onStatus }: SolveOptions): Promise<SolveResponse> {
  const watching = new AbortController();
  let heard = Date.now();
  let busy = false;
  const watch = async (): Promise<void> => {
    for await (const status of client.status(request.Ref, { signal: watching.signal })) {
      busy = true;
      await onStatus(status);
      busy = false;
      heard = Date.now();
    }
  };
  // The solve says what went wrong.
  const watched = watch().catch(() => {});
  const givenUp = new Promise<void>((resolve) => watching.signal.addEventListener('abort', () => resolve()));
  try {
    return await client.solve(request, { signal });
  } finally {
    const solved = Date.now();
    const timer = setInterval(() => {
      // Who has interrupted a build does not wait for a terminal that takes nothing.
      if (busy && !signal.aborted) return;
      if (Date.now() - Math.max(heard, solved) >= silence) watching.abort();
    }, 100);
    await Promise.race([watched, givenUp]);
    clearInterval(timer);
  }
}

export interface PlaceOptions extends Omit<SolveOptions, 'request'> {
  ref: string;
  session: string;
}

/** A solve without a frontend, in which `work` is done in the place of one. */
export async function inPlaceOfFrontend<T>(
  client: BuildKit,
  { ref, session, onStatus, ...options }: PlaceOptions,
  work: (place: { ref: string; signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const request = { Ref: ref, Session: session, Internal: true };
  const solved = solve(client, { request, signal, onStatus });
  // Without an answer the solve would wait for one; its own failure says more than that of the call.
  const answer = work({ ref, signal }).catch(async (error: unknown) => {
    failed.abort(error);
    throw error;
  });
  const [result] = await Promise.allSettled([answer, solved]);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

export interface QuestionOptions extends PlaceOptions {
  frontend: string;
  attrs: Record<string, string>;
}

/** Asks a frontend something about a build instead of building. @returns its answer, by its keys */
export function ask(
  client: BuildKit,
  { frontend, attrs, ...options }: QuestionOptions,
): Promise<Record<string, string>> {
  return inPlaceOfFrontend(client, options, (place) => client.callFrontend({ ...place, frontend, attrs }));
}
