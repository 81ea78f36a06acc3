import type { Output } from '../../cli/command.ts';
import { humanSize } from '../../docker/values/units.ts';

/** Milliseconds between two repaints of a line whose state is the same. */
const repaintEvery = 100;

/** Lines of a terminal, one for each layer in the order in which they turn up, repainted in place. */
export interface LayerLines {
  show(digest: string, state: string, text: () => string): void;
  /** What follows belongs below other output: the lines until now stay as they are. */
  restart(): void;
}

export function layerLines(output: Output): LayerLines {
  const lines = new Map<string, number>();
  const painted = new Map<string, { state: string; at: number }>();
  return {
    show(digest, state, text) {
      const last = painted.get(digest);
      const now = Date.now();
      if (last?.state === state && now - last.at < repaintEvery) return;
      painted.set(digest, { state, at: now });
      let line = lines.get(digest);
      let prefix = '';
      if (line === undefined) {
        line = lines.size;
        lines.set(digest, line);
        prefix = '\n';
      }
      const up = lines.size - line;
      output.write(`${prefix}\x1b[${up}A\x1b[2K\r${text()}\x1b[${up}B\r`);
    },
    restart() {
      lines.clear();
      painted.clear();
    },
  };
}

/** `1 second`, `5 seconds` */
export function inSeconds({ seconds = 0 }: { seconds?: number }): string {
  const whole = Math.ceil(seconds);
  return `${whole} second${whole === 1 ? '' : 's'}`;
}

/**
 * `[=====>     ]  1.2MB/3.4MB`
 * @param width columns of the terminal: the bar needs more than 110
 */
export function transferred({ current = 0, total = 0 }: { current?: number; total?: number }, width: number): string {
  const numbers = `${humanSize(current).padStart(8)}/${humanSize(total)}`;
  if (width <= 110 || total === 0) return numbers;
  const done = Math.min(50, Math.floor(Math.floor((current / total) * 100) / 2));
  return `[${'='.repeat(done)}>${' '.repeat(50 - done)}] ${numbers}`;
}
