import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatInspect } from '../../../src/docker/format/inspect.ts';
import { formatList, type ListDefinition } from '../../../src/docker/format/list.ts';
import { goJson } from '../../../src/docker/values/go-json.ts';
import { containerInspect } from '../../../src/docker/views/container-inspect.ts';
import { containerList } from '../../../src/docker/views/container-list.ts';
import { imageInspect } from '../../../src/docker/views/image-inspect.ts';
import { imageList } from '../../../src/docker/views/image-list.ts';
import { networkInspect } from '../../../src/docker/views/network-inspect.ts';
import { networkList } from '../../../src/docker/views/network-list.ts';
import { statusText } from '../../../src/docker/views/status.ts';
import { volumeInspect } from '../../../src/docker/views/volume-inspect.ts';
import { volumeList } from '../../../src/docker/views/volume-list.ts';

/** What a dockerd 20.10 answered and the docker CLI 28.2 printed of it. */
const golden = JSON.parse(readFileSync(new URL('../../golden/docker-views.json', import.meta.url), 'utf8'));
const now: number = golden.now;

interface Printed {
  options: { format: string; quiet?: boolean; noTrunc?: boolean; size?: boolean; digests?: boolean };
  stdout: string;
}

/** Later CLIs add columns to `json` that only later daemons fill. */
const withoutNewColumns = (text: string): string => text.replaceAll('"Platform":null,', '');

async function compareList<Row>(
  printed: Printed[],
  rows: Row[],
  define: (options: Printed['options']) => ListDefinition<Row>,
): Promise<void> {
  for (const { options, stdout } of printed) {
    const { format, quiet } = options;
    const text = await formatList(define(options), rows, { format, quiet });
    assert.equal(text, withoutNewColumns(stdout), JSON.stringify(options));
  }
}

test('ps', async () => {
  await compareList(golden.ps, golden.containers, (options) => containerList({ ...options, now }));
  await compareList(golden.psSized, golden.sized, (options) => containerList({ ...options, now }));
});

test('STATUS from State', () => {
  for (const { Id, Status } of golden.containers) assert.equal(statusText(golden.states[Id], now), Status);
});

test('images', () => compareList(golden.images, golden.imageRows, (options) => imageList({ ...options, now })));
test('network ls', () => compareList(golden.networks, golden.networkRows, (options) => networkList(options)));
test('volume ls', () => compareList(golden.volumes, golden.volumeRows, () => volumeList()));

const views: Record<string, (given: object) => object> = {
  containers: containerInspect,
  images: imageInspect,
  networks: networkInspect,
  volumes: volumeInspect,
};

for (const [kind, view] of Object.entries(views)) {
  test(`inspect of ${kind} keeps docker's order and loses nothing`, () => {
    const objects: object[] = JSON.parse(golden.inspect[kind]);
    assert.equal(formatInspect(objects.map(view)).text, golden.inspect[kind]);
  });
}

test('an empty container has all that a created one has in docker', () => {
  const created = JSON.parse(golden.inspect.containers)[2];
  const empty = JSON.parse(goJson(containerInspect({})));
  for (const part of ['State', 'HostConfig', 'NetworkSettings', 'Config']) {
    assert.deepEqual(Object.keys(empty[part]), Object.keys(created[part]), part);
  }
  assert.deepEqual(Object.keys(empty), Object.keys(created));
  assert.deepEqual(empty.NetworkSettings.Ports, {});
});

test('inspect --format', () => {
  const [web, , , dead] = JSON.parse(golden.inspect.containers);
  for (const { format, stdout, stderr, code } of golden.inspectFormats) {
    const objects = [containerInspect(web), containerInspect(dead)];
    const { text, error, exitCode } = formatInspect(objects, format);
    assert.deepEqual(
      { text, error: error?.message ?? '', exitCode },
      { text: stdout, error: stderr, exitCode: code },
      format,
    );
  }
});
