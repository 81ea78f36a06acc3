import { spawnDetached } from '../../host/process.ts';
import { monitorPath } from '../../host/program.ts';

/** Starts the monitor of a container with stdin and no terminal: it reads the FIFOs that monitor.conf names. */
export async function startFifoMonitor(stateDir: string): Promise<void> {
  await spawnDetached(monitorPath(), ['fifo', 'dir', stateDir]);
}
