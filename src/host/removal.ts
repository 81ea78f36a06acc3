import { existsSync, type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Waits until somebody else has removed a file or directory; returns after `patience` milliseconds all the same. */
export async function awaitRemoval(path: string, patience: number): Promise<void> {
  let watcher: FSWatcher;
  try {
    watcher = watch(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
    const look = () => existsSync(path) || resolve();
    watcher.on('change', look).on('error', () => resolve());
    look();
  });
  clearTimeout(timer);
  watcher.close();
}
