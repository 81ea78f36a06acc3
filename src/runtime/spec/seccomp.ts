import type { Seccomp } from './oci.ts';

/** docker's default profile for a capability set. */
export function defaultSeccomp(_capabilities: readonly string[], _arch: string): Seccomp | undefined {
  return undefined;
}
