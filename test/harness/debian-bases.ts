import { type Found, unpackDebs } from './debs.ts';

const everywhere = ['base-files', 'dash', 'libc6', 'libssl3t64', 'libzstd1', 'zlib1g'];

/** What the base images of builds are made of, each a program of Debian 13 with what it loads. */
const packages = {
  nginx: ['nginx', 'nginx-common', 'libcrypt1', 'libpcre2-8-0'],
  python: ['python3-minimal', 'python3.13-minimal', 'libpython3.13-minimal', 'libpython3.13-stdlib', 'libexpat1'],
  node: [
    ...[
      'nodejs',
      'libnode115',
      'node-acorn',
      'node-cjs-module-lexer',
      'node-minimatch',
      'node-undici',
      'libbrotli1',
      'libcares2',
    ],
    ...['libgcc-s1', 'libicu76', 'libnghttp2-14', 'libstdc++6', 'libuv1t64'],
  ],
};
export type BaseName = keyof typeof packages;

/** Root directories by what is in them. */
export type DebianBases = Record<BaseName, string>;

/** Unpacks the packages of all bases, some 200 MB, into the cache. */
export async function findDebianBases(cache: string): Promise<Found<DebianBases>> {
  const found: Partial<DebianBases> = {};
  for (const [name, own] of Object.entries(packages)) {
    const debs = await unpackDebs(cache, 'trixie', [...everywhere, ...own], `base-${name}`);
    if ('missing' in debs) return debs;
    found[name as BaseName] = debs.root;
  }
  return found as DebianBases;
}
