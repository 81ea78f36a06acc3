import type { Container } from '../../runtime/containers.ts';
import { standInForExecs } from '../../runtime/io/exec-stdio.ts';
import { connectMonitor } from '../../runtime/io/monitor.ts';
import type { Engine } from '../engine.ts';
import { stateDirOf } from './container-dir.ts';

/**
 * Runs `body` with the promise to the container's monitor that this process handles the exit; should the process die
 * in between, the monitor does. A container without a monitor (Go nerdctl's) needs no promise.
 */
export async function ownExit<T>(engine: Engine, container: Container, body: () => Promise<T>): Promise<T> {
  const monitor = await connectMonitor(stateDirOf(engine, container), { owner: true }).catch(() => undefined);
  const endStandIn = standInForExecs(stateDirOf(engine, container));
  try {
    const result = await body();
    monitor?.done();
    return result;
  } finally {
    endStandIn();
    monitor?.close();
  }
}
