import type { MonitorConnection } from '../../runtime/io/monitor.ts';
import { type Engine, withoutSignal } from '../engine.ts';
import { killTask } from './task.ts';

/** A process in a container as a terminal's session sees it: a container's first process, or an exec. */
export interface ContainerIo {
  writeStdin(chunk: Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  kill(signal: number): Promise<void>;
  readonly exited: Promise<'exited' | 'lost'>;
}

/** The io of a container's first process, through its monitor. */
export function monitorIo(engine: Engine, id: string, monitor: MonitorConnection): ContainerIo {
  const unstoppable = withoutSignal(engine);
  const { tasks } = unstoppable.containerd;
  return {
    writeStdin: (chunk) => monitor.writeStdin(chunk),
    async closeStdin() {
      await monitor.closeStdin();
      await tasks.closeIO(id);
    },
    resize: (columns, rows) => tasks.resizePty(id, undefined, columns, rows),
    kill: (signal) => killTask(unstoppable, id, signal),
    exited: monitor.exited,
  };
}
