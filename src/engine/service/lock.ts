import { dirname } from 'node:path';
import { ensureDir, touchFile } from '../../host/files.ts';
import type { Engine } from '../engine.ts';
import type { ServicePlan } from './daemons.ts';

/** Runs `body` while nobody else starts or stops this engine. */
export async function withServiceLock<T>(engine: Engine, { lock }: ServicePlan, body: () => Promise<T>): Promise<T> {
  await ensureDir(dirname(lock));
  await touchFile(lock);
  const held = await engine.host.lock(lock, 'exclusive', engine.signal);
  try {
    return await body();
  } finally {
    await held.release();
  }
}
