import { StatusError } from '../../cli/command.ts';
import type { BuildFlags } from './build-request.ts';
import { refuseBuilder } from './daemon-flags.ts';

const limits = 'BuildKit runs the steps with the limits of its own cgroup: see --cgroup-parent';

/** Flags that ask for something that nobody does, and why. */
const refused: Partial<Record<keyof BuildFlags, string>> = {
  'cpu-period': limits,
  'cpu-quota': limits,
  'cpu-shares': limits,
  'cpuset-cpus': limits,
  'cpuset-mems': limits,
  isolation: 'it is a flag of Windows',
  memory: limits,
  'memory-swap': limits,
  policy: 'source policies are not supported',
  resource: limits,
  'security-opt': 'write "RUN --security=insecure" and build with --allow security.insecure',
  'source-policy-file': 'source policies are not supported',
  squash: 'use a multi-stage Dockerfile, whose last stage copies from the others',
};

/** @throws StatusError for the first flag that would be left out of account */
export function refuseFlags(flags: BuildFlags): void {
  for (const [name, why] of Object.entries(refused)) {
    const value = flags[name as keyof typeof refused];
    if (!flags.changed.has(name) || value === false || value === '' || value === 'default') continue;
    throw new StatusError(1, `ERROR: --${name} is not supported: ${why}`);
  }
  refuseBuilder(flags.builder);
}
