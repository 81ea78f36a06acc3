import { isDockerError } from '../../docker/errors.ts';
import { type Engine, withoutSignal } from '../engine.ts';
import { healNetworks } from '../network/heal.ts';
import { abandonedOperations } from '../operations.ts';

/**
 * Finishes or undoes what killed processes have left half done. Called before every command that changes containers;
 * one readdir when there is nothing to do.
 */
export async function healAbandoned(engine: Engine): Promise<void> {
  await healOperations(engine);
  await healNetworks(withoutSignal(engine));
}

/** The containers' part of it, which may not wait for a plugin that hangs: for commands that only look, too. */
export async function healOperations(engine: Engine): Promise<void> {
  const abandoned = abandonedOperations(engine);
  if (abandoned.length === 0) return;
  const { healOperation } = await import('./heal-operation.ts');
  for (const operation of abandoned) {
    // What cannot be healed (a mount in a volume that is to go) stays in the journal and must not hold up everything.
    await healOperation(engine, operation).catch((error: unknown) => {
      if (engine.signal.aborted || isDockerError(error, 'unavailable')) throw error;
    });
  }
}
