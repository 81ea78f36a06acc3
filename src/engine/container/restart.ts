import type { Engine } from '../engine.ts';
import { findContainer } from './find.ts';
import { startContainer } from './start.ts';
import { type StopOptions, stopRunning } from './stop.ts';

/** Docker's restart: stopped with its grace period, then started again. */
export async function restartContainer(engine: Engine, ref: string, options: StopOptions): Promise<void> {
  const container = await findContainer(engine, ref);
  await stopRunning(engine, container, { ...options, keepContainer: true });
  await startContainer(engine, await findContainer(engine, container.id));
}
