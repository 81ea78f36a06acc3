import { type Cli, StatusError } from '../../cli/command.ts';
import type { BuildFlags } from './build-request.ts';
import { refuseBuilder } from './daemon-flags.ts';

const limits = 'has no effect: BuildKit runs the steps with the limits of its own cgroup, see --cgroup-parent';

/** What docker's old builder knew and BuildKit does not; buildx takes it, some of it with these words. */
const ignored: Partial<Record<keyof BuildFlags, string>> = {
  'cpu-period': limits,
  'cpu-quota': limits,
  'cpu-shares': limits,
  'cpuset-cpus': limits,
  'cpuset-mems': limits,
  isolation: 'isolation flag is deprecated with BuildKit.',
  memory: limits,
  'memory-swap': limits,
  'security-opt': 'security-opt flag is deprecated. "RUN --security=insecure" should be used with BuildKit.',
  squash:
    'experimental flag squash is removed with BuildKit. You should squash inside build using a multi-stage Dockerfile for efficiency.',
};

/** What asks for something that nobody does, and why. */
const refused: Partial<Record<keyof BuildFlags, string>> = {
  policy: 'source policies are not supported',
  resource: limits.replace(/^has no effect: /, ''),
  'source-policy-file': 'source policies are not supported',
};

/**
 * Says which flags are left out of account.
 * @throws StatusError for one without which the result would not be what was asked for
 */
export function passOverFlags(cli: Pick<Cli, 'stderr'>, flags: BuildFlags): void {
  const given = (name: string) => flags.changed.has(name);
  for (const [name, why] of Object.entries(refused).filter(([each]) => given(each))) {
    throw new StatusError(1, `ERROR: --${name} is not supported: ${why}`);
  }
  refuseBuilder(flags.builder);
  for (const [name, words] of Object.entries(ignored).filter(([each]) => given(each))) {
    cli.stderr.write(`WARNING: ${words === limits ? `--${name} ${limits}` : words}\n`);
  }
}
