import { mediaType, type OciDescriptor } from '../../docker/oci.ts';
import type { Reference } from '../../docker/reference.ts';
import { parseReference } from '../../docker/reference.ts';
import { orderedPlatform } from './fetch.ts';
import type { ImageManifest } from './store.ts';

/** A manifest list or OCI index as docker writes it: OCI when the first manifest is. */
export function listDocument(descriptors: readonly OciDescriptor[]): { mediaType: string; text: string } {
  const type = descriptors[0]?.mediaType === mediaType.ociManifest ? mediaType.ociIndex : mediaType.dockerManifestList;
  const manifests = descriptors.map(({ mediaType: kind, size, digest, platform }) => ({
    mediaType: kind,
    size,
    digest,
    platform: orderedPlatform(platform ?? {}),
  }));
  return { mediaType: type, text: JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }, undefined, 3) };
}

/** @throws Error when an image is of another registry than the list */
export function descriptorsFor(target: Reference, manifests: readonly ImageManifest[]): OciDescriptor[] {
  return manifests.map(({ Ref, Descriptor }) => {
    const { domain } = parseReference(Ref);
    if (domain === target.domain) return Descriptor;
    throw new Error(
      `cannot use source images from a different registry than the target image: ${domain} != ${target.domain}`,
    );
  });
}

const linux = ['386', 'amd64', 'arm', 'arm64', 'loong64', 'mips64', 'mips64le', 'ppc64le', 'riscv64', 's390x'];
const known: Readonly<Record<string, readonly string[]>> = {
  darwin: ['386', 'amd64', 'arm', 'arm64'],
  dragonfly: ['amd64'],
  freebsd: ['386', 'amd64', 'arm'],
  linux,
  netbsd: ['386', 'amd64', 'arm'],
  openbsd: ['386', 'amd64', 'arm'],
  plan9: ['386', 'amd64'],
  solaris: ['amd64'],
  windows: ['386', 'amd64', 'arm64'],
};

/** Whether docker lets an image of a list be for it. */
export const isKnownPlatform = (os: string, architecture: string): boolean =>
  known[os]?.includes(architecture) ?? false;
