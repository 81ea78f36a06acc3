import type { HostHelper } from '../host/helper.ts';
import type { Rootless } from '../rootless/rootless.ts';
import type { Containerd } from '../runtime/containerd.ts';
import type { DataStore } from './paths.ts';
import type { Settings } from './settings.ts';

/** What every use case gets: the settings, the connection and the host, each opened at first use. */
export interface Engine {
  readonly settings: Settings;
  readonly containerd: Containerd;
  readonly host: HostHelper;
  readonly store: DataStore;
  /** Of an engine without root. */
  readonly rootless?: Rootless;
  /** Aborted by SIGINT, SIGTERM or SIGHUP, where the command does not take the signal for itself. */
  readonly signal: AbortSignal;
}

/** The same engine for what must be finished although the command was interrupted: undoing, healing. */
export function withoutSignal(engine: Engine): Engine {
  return { ...engine, containerd: engine.containerd.withSignal(undefined), signal: new AbortController().signal };
}

/** Milliseconds for one step of undoing: a containerd that hangs must not keep an interrupted command for ever. */
const undoTimeout = 10_000;

/** The same for one step of undoing. What takes longer, the journal leaves to the next command. */
export function forUndo(engine: Engine): Engine {
  const signal = AbortSignal.timeout(undoTimeout);
  return { ...engine, containerd: engine.containerd.withSignal(signal), signal };
}

/**
 * The same for what is then undone: a signal lets the call under way end, so that its undoing finds what it has done,
 * unless it hangs.
 */
export function gently(engine: Engine): Engine {
  return { ...engine, containerd: engine.containerd.withSignal(afterAbort(engine.signal, undoTimeout)) };
}

/** Aborted so many milliseconds after another signal. */
export function afterAbort(signal: AbortSignal, delay: number): AbortSignal {
  const controller = new AbortController();
  const follow = () => void setTimeout(() => controller.abort(signal.reason), delay).unref();
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return controller.signal;
}
