import type { Cli } from '../../cli/command.ts';
import { humanSizeWithPrecision } from '../../docker/values/units.ts';

const sequence = '\u001b[';

/** The one line in which docker counts the bytes of a copy, where somebody sees it. */
export function watchCopy(cli: Cli, title: string, quiet: boolean) {
  const { stderr } = cli;
  const shown = !quiet && stderr.isTerminal;
  let begun = false;
  return {
    begin() {
      if (!shown) return;
      begun = true;
      stderr.write(`${sequence}s${sequence}?25l${title}${humanSizeWithPrecision(0, 3)}`);
    },
    onBytes(total: number) {
      if (begun) stderr.write(`${sequence}${title.length + 1}G${sequence}0K${humanSizeWithPrecision(total, 3)}`);
    },
    end() {
      if (begun) stderr.write(`${sequence}u${sequence}2K${sequence}?25h`);
      begun = false;
    },
  };
}
