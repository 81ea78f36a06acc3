import { type FlagTable, flagTable } from '../../cli/command.ts';
import { DockerError } from '../../docker/errors.ts';

/** Go nerdctl's flags of pull and run that verify signatures or load lazily: accepted only with what does nothing. */
export const verifyFlags = flagTable({
  verify: { type: 'string', default: 'none', help: 'Verify the image (none|cosign|notation)', hidden: true },
  'cosign-key': { type: 'string', help: '', hidden: true },
  'cosign-certificate-identity': { type: 'string', help: '', hidden: true },
  'cosign-certificate-identity-regexp': { type: 'string', help: '', hidden: true },
  'cosign-certificate-oidc-issuer': { type: 'string', help: '', hidden: true },
  'cosign-certificate-oidc-issuer-regexp': { type: 'string', help: '', hidden: true },
  'soci-index-digest': { type: 'string', help: '', hidden: true },
  'ipfs-address': { type: 'string', help: '', hidden: true },
} satisfies FlagTable);

/** The same of push: signing, estargz, SOCI and IPFS. */
export const signFlags = flagTable({
  estargz: { type: 'bool', help: '', hidden: true },
  sign: { type: 'string', default: 'none', help: 'Sign the image (none|cosign|notation)', hidden: true },
  'cosign-key': { type: 'string', help: '', hidden: true },
  'notation-key-name': { type: 'string', help: '', hidden: true },
  'soci-span-size': { type: 'int', default: -1, help: '', hidden: true },
  'soci-min-layer-size': { type: 'int', default: -1, help: '', hidden: true },
  'ipfs-address': { type: 'string', help: '', hidden: true },
  'ipfs-ensure-image': { type: 'bool', default: true, help: '', hidden: true },
} satisfies FlagTable);

/** The same of commit: layers for lazy pulling. */
export const lazyLayerFlags = flagTable({
  estargz: { type: 'bool', help: '', hidden: true },
  'estargz-compression-level': { type: 'int', default: 9, help: '', hidden: true },
  'estargz-chunk-size': { type: 'int', help: '', hidden: true },
  'estargz-min-chunk-size': { type: 'int', help: '', hidden: true },
  zstdchunked: { type: 'bool', help: '', hidden: true },
  'zstdchunked-compression-level': { type: 'int', default: 3, help: '', hidden: true },
  'zstdchunked-chunk-size': { type: 'int', help: '', hidden: true },
} satisfies FlagTable);

/** The same of image convert. */
export const lazyFormatFlags = flagTable({
  ...lazyLayerFlags,
  'estargz-record-in': { type: 'string', help: '', hidden: true },
  'estargz-external-toc': { type: 'bool', help: '', hidden: true },
  'estargz-keep-diff-id': { type: 'bool', help: '', hidden: true },
  'estargz-gzip-helper': { type: 'string', help: '', hidden: true },
  'zstdchunked-record-in': { type: 'string', help: '', hidden: true },
  nydus: { type: 'bool', help: '', hidden: true },
  'nydus-builder-path': { type: 'string', default: 'nydus-image', help: '', hidden: true },
  'nydus-work-dir': { type: 'string', help: '', hidden: true },
  'nydus-prefetch-patterns': { type: 'string', help: '', hidden: true },
  'nydus-compressor': { type: 'string', default: 'lz4_block', help: '', hidden: true },
  overlaybd: { type: 'bool', help: '', hidden: true },
  'overlaybd-fs-type': { type: 'string', default: 'ext4', help: '', hidden: true },
  'overlaybd-dbstr': { type: 'string', help: '', hidden: true },
  'overlaybd-vsize': { type: 'int', default: 64, help: '', hidden: true },
  soci: { type: 'bool', help: '', hidden: true },
  'soci-min-layer-size': { type: 'int', default: -1, help: '', hidden: true },
  'soci-span-size': { type: 'int', default: -1, help: '', hidden: true },
  erofs: { type: 'string', help: '', hidden: true },
  'erofs-compressors': { type: 'string', help: '', hidden: true },
  'erofs-mkfs-options': { type: 'string', help: '', hidden: true },
} satisfies FlagTable);

/** @throws DockerError not-implemented for a flag that was given and asks for something */
export function refuseUnsupported(
  table: FlagTable,
  flags: { changed: ReadonlySet<string> } & Record<string, unknown>,
): void {
  for (const name of Object.keys(table)) {
    if (!flags.changed.has(name) || flags[name] === 'none' || flags[name] === false) continue;
    throw new DockerError('not-implemented', `--${name} is not supported`);
  }
}

/** @throws DockerError not-implemented */
export function refuseIpfs(ref: string): void {
  if (/^(ipfs|ipns):\/\//.test(ref))
    throw new DockerError('not-implemented', `${ref}: images on IPFS are not supported`);
}
