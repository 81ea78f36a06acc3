import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putImage } from '../../../../src/engine/image/records.ts';
import { Code, RpcError } from '../../../../src/grpc/status.ts';
import type { Containerd } from '../../../../src/runtime/containerd.ts';

/** Images by name, with the digest of their target; fails as soon as a digest that was there has no name. */
function fakeImages(names: Record<string, string>): Containerd {
  const need = (name: string) => {
    if (!(name in names)) throw new RpcError(Code.NOT_FOUND, name);
  };
  const put = ({ name, target }: { name: string; target: { digest: string } }) => {
    const before = new Set(Object.values(names));
    names[name] = target.digest;
    for (const digest of before) assert.ok(Object.values(names).includes(digest), `nothing names ${digest}`);
  };
  const record = ([name, digest]: [string, string]) => ({ name, target: { digest } });
  const images = {
    create: async (image: Parameters<typeof put>[0]) => {
      if (image.name in names) throw new RpcError(Code.ALREADY_EXISTS, image.name);
      put(image);
    },
    get: async (name: string) => {
      need(name);
      return record([name, names[name]!]);
    },
    list: async ([filter = '']: string[]) => {
      const all = Object.entries(names).map(record);
      return all.filter(({ target }) => filter === `target.digest==${target.digest}`);
    },
    update: async (image: Parameters<typeof put>[0]) => {
      need(image.name);
      put(image);
    },
    delete: async (name: string) => {
      need(name);
      delete names[name];
    },
  };
  return { images } as unknown as Containerd;
}

const cases: [what: string, before: Record<string, string>, name: string, after: Record<string, string>][] = [
  ['a new name', {}, 'a', { a: 'new' }],
  ['the same again', { a: 'new' }, 'a', { a: 'new' }],
  ['what had only this name keeps another', { a: 'old' }, 'a', { a: 'new', '<none>@old': 'old' }],
  ['what has a name besides needs none', { a: 'old', b: 'old' }, 'a', { a: 'new', b: 'old' }],
  ['what had none has one now', { '<none>@new': 'new' }, 'a', { a: 'new' }],
];

test('a name for an image: what had it before is never without one', async () => {
  for (const [what, before, name, after] of cases) {
    const names = { ...before };
    const { previous } = await putImage(fakeImages(names), name, { mediaType: 'm', digest: 'new', size: 1 });
    assert.deepEqual(names, after, what);
    assert.equal(previous, before[name], what);
  }
});
