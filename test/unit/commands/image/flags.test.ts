import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandTable } from '../../../../src/commands/index.ts';

/** The flags that docker 28 and 29 and Go nerdctl have for images and registries. `-x`: the short one of the flag before it. */
const table: Record<string, string> = {
  pull: `all-tags -a platform quiet -q disable-content-trust unpack all-platforms verify cosign-key
    cosign-certificate-identity cosign-certificate-identity-regexp cosign-certificate-oidc-issuer
    cosign-certificate-oidc-issuer-regexp soci-index-digest ipfs-address`,
  push: `all-tags -a platform quiet -q disable-content-trust all-platforms estargz ipfs-ensure-image ipfs-address sign
    cosign-key notation-key-name soci-span-size soci-min-layer-size`,
  login: 'password -p password-stdin username -u',
  logout: '',
  images: 'all -a digests filter -f format no-trunc quiet -q tree names',
  rmi: 'force -f no-prune platform async',
  tag: '',
  save: 'output -o platform quiet -q all-platforms',
  load: 'input -i platform quiet -q all-platforms',
  import: 'change -c message -m platform',
  history: 'format -f human -H no-trunc platform quiet -q',
  commit: `author -a change -c message -m pause -p no-pause compression format estargz estargz-compression-level
    estargz-chunk-size estargz-min-chunk-size zstdchunked zstdchunked-compression-level zstdchunked-chunk-size`,
  search: 'filter -f format limit no-trunc',
  'image inspect': 'format -f platform mode',
  'image prune': 'all -a filter force -f',
  'image convert': `format estargz estargz-record-in estargz-compression-level estargz-chunk-size estargz-min-chunk-size
    estargz-external-toc estargz-keep-diff-id estargz-gzip-helper zstd zstd-compression-level zstdchunked
    zstdchunked-record-in zstdchunked-compression-level zstdchunked-chunk-size nydus nydus-builder-path nydus-work-dir
    nydus-prefetch-patterns nydus-compressor overlaybd overlaybd-fs-type overlaybd-dbstr overlaybd-vsize soci
    soci-min-layer-size soci-span-size erofs erofs-compressors erofs-mkfs-options uncompress oci platform all-platforms`,
  'image encrypt': 'platform all-platforms gpg-homedir gpg-version key dec-recipient recipient',
  'image decrypt': 'platform all-platforms gpg-homedir gpg-version key dec-recipient',
  'manifest create': 'amend -a insecure',
  'manifest annotate': 'arch os os-features os-version variant',
  'manifest inspect': 'insecure verbose -v',
  'manifest push': 'insecure purge -p',
  'manifest rm': '',
  'system df': 'format verbose -v',
};

describe('flags of docker and Go nerdctl', () => {
  for (const [path, text] of Object.entries(table)) {
    it(path, async () => {
      const entry = commandTable.commands.find(({ paths }) => paths.includes(path));
      const flags = (await entry!.load()).command.flags;
      let last = '';
      for (const word of text.split(/\s+/).filter(Boolean)) {
        if (word.startsWith('-')) assert.equal(flags[last]?.short, word.slice(1), `-${word} of --${last}`);
        else assert.ok(flags[word], `--${word}`);
        last = word.startsWith('-') ? last : word;
      }
    });
  }
});
