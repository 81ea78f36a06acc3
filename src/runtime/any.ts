import { Options } from '../gen/containerd/runc/v1/options.ts';
import type { Any } from '../gen/google/protobuf/any.ts';
import { complete } from './messages.ts';

/** Type URLs under which containerd expects JSON documents of the OCI runtime specification. */
export const SPEC_TYPE = 'types.containerd.io/opencontainers/runtime-spec/1/Spec';
export const PROCESS_TYPE = 'types.containerd.io/opencontainers/runtime-spec/1/Process';
export const RESOURCES_TYPE = 'types.containerd.io/opencontainers/runtime-spec/1/LinuxResources';
export const RUNC_OPTIONS_TYPE = 'containerd.runc.v1.Options';

export function jsonAny(typeUrl: string, value: object): Any {
  return { typeUrl, value: Buffer.from(JSON.stringify(value)) };
}

/** Options of the runc shim, for `Container.Runtime.options` and `CreateTaskRequest.options`. */
export function runcOptions(options: Partial<Options>): Any {
  return { typeUrl: RUNC_OPTIONS_TYPE, value: Options.encode(complete(Options, options)).finish() };
}
