import type { Offer, WordRequest } from '../../cli/complete/expression.ts';

const keys: Readonly<Record<string, readonly string[]>> = {
  // something always follows
  type: ['bind,', 'image,', 'tmpfs,', 'volume,'],
  source: [],
  target: [],
  readonly: ['true', 'false'],
  'bind-propagation': ['private', 'rprivate', 'rshared', 'rslave', 'shared', 'slave'],
  'bind-recursive': ['disabled', 'enabled', 'readonly', 'writable'],
  'image-subpath': [],
  'tmpfs-mode': [],
  'tmpfs-size': [],
  'volume-driver': ['local'],
  'volume-label': [],
  'volume-nocopy': ['true', 'false'],
  'volume-opt': [],
  'volume-subpath': [],
};

/** The next field of a --mount: a key that fits its type, or the value of a key. */
export async function mountWords({ word }: WordRequest, volumes: () => Promise<string[]>): Promise<Offer> {
  const start = word.lastIndexOf(',') + 1;
  const before = word.slice(0, start);
  const given = new Map(before.split(',').map((field) => field.split('=', 2) as [string, string | undefined]));
  const type = given.get('type') ?? '';
  const [, key] = /^([a-z-]+)=/.exec(word.slice(start)) ?? [];
  if (key === 'source' || key === 'src') {
    if (type === 'bind' || type === 'tmpfs') return { words: [] };
    return { words: (await volumes()).map((name) => `${before}${key}=${name}`) };
  }
  if (key !== undefined) return { words: (keys[key] ?? []).map((value) => `${before}${key}=${value}`) };
  const fits = (name: string) =>
    !/^(bind|image|tmpfs|volume)-/.test(name) || type === '' || name.startsWith(`${type}-`);
  const left = Object.keys(keys).filter((name) => !given.has(name) && fits(name));
  return { words: left.map((name) => `${before}${name}=`) };
}
