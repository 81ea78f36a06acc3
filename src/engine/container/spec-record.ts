import { SPEC_TYPE } from '../../runtime/any.ts';
import type { Container } from '../../runtime/containers.ts';
import { encodeSpec } from '../../runtime/spec/build.ts';
import type { Spec } from '../../runtime/spec/oci.ts';

const decoder = new TextDecoder();

/** The OCI runtime spec of a container record. */
export function specOf(container: Pick<Container, 'spec'>): Spec {
  const bytes = container.spec?.value;
  return bytes && bytes.length > 0 ? (JSON.parse(decoder.decode(bytes)) as Spec) : ({} as Spec);
}

/** The spec as a container record carries it. */
export function packSpec(spec: Spec): { typeUrl: string; value: Uint8Array } {
  return { typeUrl: SPEC_TYPE, value: encodeSpec(spec) };
}
