import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Code, RpcError } from '../../../src/grpc/status.ts';
import type { Containerd } from '../../../src/runtime/containerd.ts';
import type { Image } from '../../../src/runtime/images.ts';

export interface Stores {
  blobs: Map<string, { bytes: Buffer; labels: Record<string, string> }>;
  ingests: Map<string, Buffer>;
  images: Map<string, Image>;
  /** Name to parent. */
  snapshots: Map<string, string>;
  leases: Set<string>;
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const fail = (code: number, what: string): never => {
  throw new RpcError(code, what);
};

/** The image side of containerd in memory: content with resumable ingests, images, snapshots, a diff service, leases. */
export function fakeContainerd(): { containerd: Containerd; stores: Stores } {
  const stores: Stores = {
    blobs: new Map(),
    ingests: new Map(),
    images: new Map(),
    snapshots: new Map(),
    leases: new Set(),
  };
  const blob = (digest: string) => stores.blobs.get(digest) ?? fail(Code.NOT_FOUND, `content ${digest}: not found`);

  const content = {
    info: async (digest: string) => ({ digest, size: blob(digest).bytes.length, labels: blob(digest).labels }),
    list: async () => [...stores.blobs.keys()].map((digest) => ({ digest })),
    async *read(digest: string, { offset = 0 } = {}) {
      const { bytes } = blob(digest);
      for (let at = offset; at < bytes.length; at += 1 << 18) yield bytes.subarray(at, at + (1 << 18));
    },
    readAll: async (digest: string) => blob(digest).bytes,
    abort: async (ref: string) => void stores.ingests.delete(ref),
    async update(info: { digest: string; labels?: Record<string, string> }) {
      Object.assign(blob(info.digest).labels, info.labels);
    },
    async writer(ref: string, options: { expected?: string } = {}) {
      if (options.expected && stores.blobs.has(options.expected))
        fail(Code.ALREADY_EXISTS, `content ${options.expected}: already exists`);
      return {
        get offset() {
          return stores.ingests.get(ref)?.length ?? 0;
        },
        async write(chunks: readonly Uint8Array[]) {
          stores.ingests.set(ref, Buffer.concat([stores.ingests.get(ref) ?? Buffer.alloc(0), ...chunks]));
        },
        async commit({
          size,
          expected,
          labels = {},
        }: {
          size?: number;
          expected?: string;
          labels?: Record<string, string>;
        }) {
          const bytes = stores.ingests.get(ref) ?? Buffer.alloc(0);
          const digest = digestOf(bytes);
          if (size && size !== bytes.length)
            fail(
              Code.FAILED_PRECONDITION,
              `unexpected commit size ${bytes.length}, expected ${size}: failed precondition`,
            );
          if (expected && expected !== digest)
            fail(
              Code.FAILED_PRECONDITION,
              `unexpected commit digest ${digest}, expected ${expected}: failed precondition`,
            );
          stores.ingests.delete(ref);
          if (stores.blobs.has(digest)) fail(Code.ALREADY_EXISTS, `content ${digest}: already exists`);
          stores.blobs.set(digest, { bytes, labels });
          return { digest, size: bytes.length };
        },
        close() {},
      };
    },
  };

  const images = {
    get: async (name: string) => stores.images.get(name) ?? fail(Code.NOT_FOUND, `image "${name}": not found`),
    list: async (filters: string[] = []) => {
      const digests = filters.map((filter) => filter.replace('target.digest==', ''));
      return [...stores.images.values()].filter(
        ({ target }) => digests.length === 0 || digests.includes(target!.digest),
      );
    },
    async create(image: Image) {
      if (stores.images.has(image.name)) fail(Code.ALREADY_EXISTS, `image "${image.name}": already exists`);
      stores.images.set(image.name, { ...image, createdAt: new Date(0), updatedAt: new Date(0) });
    },
    async update(image: Image) {
      const before = stores.images.get(image.name) ?? fail(Code.NOT_FOUND, 'not found');
      stores.images.set(image.name, { ...before, target: image.target, labels: { ...before.labels, ...image.labels } });
    },
    async delete(name: string) {
      if (!stores.images.delete(name)) fail(Code.NOT_FOUND, `image "${name}": not found`);
    },
  };

  const has = (key: string) => stores.snapshots.has(key) || fail(Code.NOT_FOUND, `snapshot ${key}: not found`);
  const snapshots = {
    stat: async (key: string) => has(key) && { name: key, parent: stores.snapshots.get(key) },
    usage: async (key: string) => has(key) && { size: 100, inodes: 1 },
    list: async () => [...stores.snapshots].map(([name, parent]) => ({ name, parent })),
    async prepare(key: string, parent: string) {
      if (parent) has(parent);
      stores.snapshots.set(key, parent);
      return [];
    },
    async commit(name: string, key: string) {
      const parent = stores.snapshots.get(key) ?? '';
      stores.snapshots.delete(key);
      if (stores.snapshots.has(name)) fail(Code.ALREADY_EXISTS, `snapshot ${name}: already exists`);
      stores.snapshots.set(name, parent);
    },
    async remove(key: string) {
      stores.snapshots.delete(key);
    },
  };

  const fake = {
    namespace: 'test',
    content,
    images,
    snapshots: () => snapshots,
    diff: {
      async apply({ digest }: { digest: string }) {
        const { bytes } = blob(digest);
        return { digest: digestOf(bytes.readUInt16BE(0) === 0x1f8b ? gunzipSync(bytes) : bytes) };
      },
    },
    leases: {
      async create() {
        const id = `lease-${stores.leases.size}`;
        stores.leases.add(id);
        return id;
      },
      delete: async (id: string) => void stores.leases.delete(id),
    },
    containers: { list: async () => [] },
    tasks: { list: async () => [] },
    withLease: () => fake,
    withSignal: () => fake,
    withNamespace: () => fake,
    close() {},
  };
  return { containerd: fake as unknown as Containerd, stores };
}
