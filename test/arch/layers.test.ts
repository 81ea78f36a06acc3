import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderOf, resolved, sources } from './sources.ts';

/** Which folders of src a folder may import from, besides itself; `gen` is the generated messages. */
const below: Record<string, string[]> = {
  main: ['cli', 'commands', 'compose', 'engine', 'docker', 'host'],
  cli: ['commands', 'engine', 'docker', 'host'],
  commands: ['cli', 'compose', 'engine', 'docker', 'host'],
  compose: ['engine', 'docker', 'host'],
  engine: ['runtime', 'registry', 'cni', 'buildkit', 'rootless', 'grpc', 'docker', 'host', 'gen'],
  runtime: ['grpc', 'docker', 'host', 'gen'],
  registry: ['docker', 'host'],
  cni: ['docker', 'host'],
  buildkit: ['grpc', 'docker', 'host', 'gen'],
  rootless: ['docker', 'host'],
  grpc: ['docker', 'host'],
  host: ['docker'],
  docker: [],
  monitor: [],
};

/** Functions of node:fs that change something. */
const writes = new RegExp(
  '^(append|chmod|chown|copyFile|cp|createWriteStream|fchmod|fchown|fdatasync|fsync|ftruncate|futimes|lchown|link|lutimes|' +
    'mkdir|mkdtemp|rename|rm|rmdir|symlink|truncate|unlink|utimes|write|writeFile|writeSync|writev)',
);

/** Where processes are started and files are written. */
const isHostSide = (path: string) => /^src\/(host\/|main\.ts$|cli\/streams)/.test(path);

const all = sources();

test('a folder imports only from folders below it', () => {
  const wrong = all.flatMap((source) => {
    const folder = folderOf(source.path);
    const allowed = below[folder];
    if (allowed === undefined) return [`${source.path}: src/${folder} is not a folder of the design`];
    return source.imports.flatMap(({ from }) => {
      if (!from.startsWith('.')) return [];
      const target = folderOf(resolved(source.path, from));
      return target === folder || allowed.includes(target) ? [] : [`${source.path} imports ${from}`];
    });
  });
  assert.deepEqual(wrong, []);
});

test('docker is pure: no I/O, no package but types', () => {
  const wrong = all
    .filter(({ path }) => path.startsWith('src/docker/'))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ from, typeOnly }) => !from.startsWith('.') && !typeOnly && !/^node:(util|path|crypto)$/.test(from))
        .map(({ from }) => `${path} imports ${from}`),
    );
  assert.deepEqual(wrong, []);
});

test('processes are started in host, main and cli/streams only', () => {
  const wrong = all
    .filter(({ path }) => !isHostSide(path))
    .filter(({ imports }) =>
      imports.some(({ from, typeOnly }) => /^(node:)?(child_process|cluster|worker_threads)$/.test(from) && !typeOnly),
    )
    .map(({ path }) => path);
  assert.deepEqual(wrong, []);
});

test('files are written in host, main and cli/streams only', () => {
  const wrong = all
    .filter(({ path }) => !isHostSide(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ from, typeOnly }) => /^(node:)?fs(\/promises)?$/.test(from) && !typeOnly)
        .flatMap(({ names }) => (names.length === 0 ? ['all of node:fs'] : names.filter((name) => writes.test(name))))
        .map((name) => `${path} imports ${name}`),
    );
  assert.deepEqual(wrong, []);
});

test('no pipe or FIFO is read or written through node:net outside runtime/io, grpc, cli and host', () => {
  const wrong = all
    .filter(({ path }) => !/^src\/(runtime\/io|host|cli)\//.test(path))
    .filter(({ text }) => /new (net\.)?Socket\(\{\s*fd/.test(text))
    .map(({ path }) => path);
  assert.deepEqual(wrong, []);
});
