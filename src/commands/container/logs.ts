import { defineCommand, exactly, StatusError } from '../../cli/command.ts';
import { parseTimestamp } from '../../docker/values/time.ts';
import { containerLogs } from '../../engine/container/logs.ts';

export const command = defineCommand({
  use: 'logs [OPTIONS] CONTAINER',
  short: 'Fetch the logs of a container',
  args: exactly(1),
  complete: '<containers>',
  flags: {
    follow: { type: 'bool', short: 'f', help: 'Follow log output' },
    since: {
      type: 'string',
      help: 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    },
    tail: { type: 'string', short: 'n', default: 'all', help: 'Number of lines to show from the end of the logs' },
    timestamps: { type: 'bool', short: 't', help: 'Show timestamps' },
    until: {
      type: 'string',
      help: 'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    },
  },
  run: async (cli, [ref], flags) => {
    const engine = await cli.engine();
    try {
      await containerLogs(engine, ref!, {
        follow: flags.follow,
        timestamps: flags.timestamps,
        tail: parseTail(flags.tail),
        since: parseTime('since', flags.since),
        until: parseTime('until', flags.until),
        stdout: cli.stdout,
        stderr: cli.stderr,
      });
    } catch (error) {
      // Ctrl-C is how following ends
      if (!cli.signal.aborted) throw error;
      throw cli.signal.reason;
    }
  },
});

/** Docker takes anything that is no number for `all`. */
function parseTail(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function parseTime(flag: string, text: string): bigint | undefined {
  if (!text) return undefined;
  try {
    return parseTimestamp(text, Date.now(), localOffset);
  } catch {
    throw new StatusError(
      1,
      `invalid value for "${flag}": failed to parse value as time or duration: ${JSON.stringify(text)}`,
    );
  }
}

/** Minutes east of UTC. */
function localOffset(millis: number): number {
  return -new Date(millis).getTimezoneOffset();
}
