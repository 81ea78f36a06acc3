import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);

interface Row {
  Type: string;
  TotalCount: string;
  Active: string;
  Size: string;
  Reclaimable: string;
}

const rows = async (): Promise<Row[]> =>
  (await box.ok(['system', 'df', '--format', 'json'])).split('\n').map((line) => JSON.parse(line) as Row);

const bytes = (text: string): number => {
  const [, number, unit = 'B'] = /^([\d.]+)(\w*B)/.exec(text) ?? [];
  return Math.round(Number(number) * { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit]!);
};

test('images count blobs and layers once, whatever they share', async () => {
  const [images] = await rows();
  assert.equal(images?.Type, 'Images');
  assert.equal(images.TotalCount, '3');
  assert.equal(images.Active, '0');
  assert.match(images.Reclaimable, /^([\d.]+MB) \(100%\)$/);
  const content = (await box.ctr(['content', 'ls', '-q'])).split('\n').filter(Boolean);
  const blobs = join(box.lane.engineRoot, 'io.containerd.content.v1.content/blobs');
  const sizes = content.map((digest) => statSync(join(blobs, digest.replace(':', '/'))).size);
  const snapshots = (await box.ctr(['snapshots', 'usage', '-b'])).split('\n').slice(1).filter(Boolean);
  const layers = snapshots.map((line) => Number(line.trim().split(/\s+/).at(-2)));
  const sum = [...sizes, ...layers].reduce((total, size) => total + size, 0);
  assert.ok(Math.abs(bytes(images.Size) - sum) < sum / 100, `${images.Size} for ${sum}`);

  const all = JSON.parse(await box.ok(['system', 'df', '-v', '--format', 'json']));
  assert.equal(all.Images.length, 3);
  for (const image of all.Images)
    assert.ok(bytes(image.SharedSize) + bytes(image.UniqueSize) >= bytes(image.SharedSize));
  const unique = await box.ok([
    'system',
    'df',
    '-v',
    '--format',
    '{{range .Images}}{{.Repository}}={{.UniqueSize}} {{end}}',
  ]);
  assert.match(unique, /full=[\d.]+kB/);
});

test('containers and volumes: what is active, what could be freed', async () => {
  const [name, volume] = [box.name(), box.name('v')];
  await box.ok([
    'run',
    '--name',
    name,
    '-v',
    `${volume}:/v`,
    'bb',
    'sh',
    '-c',
    'dd if=/dev/zero of=/big bs=1k count=500; echo 12345 > /v/f',
  ]);
  const [images, containers, volumes, cache] = await rows();
  assert.equal(images!.Active, '1');
  assert.match(images!.Reclaimable, /\([0-9]%\)$/);
  assert.deepEqual([containers!.TotalCount, containers!.Active], ['1', '0']);
  assert.match(containers!.Reclaimable, /^5\d\d[\d.]*kB \(100%\)$/);
  assert.deepEqual(
    [volumes!.Type, volumes!.TotalCount, volumes!.Active, volumes!.Size, volumes!.Reclaimable],
    ['Local Volumes', '1', '1', '6B', '0B (0%)'],
  );
  assert.equal(cache!.Size, '0B');
  const text = await box.ok(['system', 'df', '-v']);
  assert.match(text, new RegExp(`^${volume} +1 +6B$`, 'm'));
  assert.match(text, new RegExp(`^[0-9a-f]{12} +bb +.*5\\d\\d[\\d.]*kB .* ${name}$`, 'm'));
  assert.match(text, /^bb +latest +[0-9a-f]{12} .* 1$/m);
  await box.ok(['rm', name]);
  assert.equal((await rows())[2]!.Reclaimable, '6B (100%)');
  await box.ok(['volume', 'rm', volume]);
});
