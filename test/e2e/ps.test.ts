import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBox } from '../harness/box.ts';
import { idle } from '../harness/containers.ts';

const box = openBox(import.meta.url);
before(async () => {
  await box.ok(['run', '-d', '--name', 'running', '-l', 'role=a', '-p', '8050:80', 'bb', ...idle]);
  await box.nerdctl(['run', '--name', 'ended', '-l', 'role=b', 'bb', 'sh', '-c', 'exit 3']);
  await box.ok(['create', '--name', 'made', 'web']);
});
after(() => box.nerdctl(['rm', '-f', 'running', 'ended', 'made']));
const names = async (args: string[]) =>
  (await box.ok(['ps', ...args, '--format', '{{.Names}}'])).split('\n').filter(Boolean).sort();

test("docker's columns and words", async () => {
  const [header, ...rows] = (await box.ok(['ps', '-a'])).split('\n');
  assert.match(header!, /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
  const row = (name: string) => rows.find((line) => line.endsWith(name)) ?? '';
  assert.match(
    row('running'),
    /^[0-9a-f]{12} +bb +"sh -c 'trap \\"exit 0…" +\S.* ago +Up .* +0\.0\.0\.0:8050->80\/tcp.* running$/,
  );
  assert.match(row('ended'), /Exited \(3\) .* ago/);
  assert.match(row('made'), / Created /);
});

const table: [args: string[], expected: string[]][] = [
  [[], ['running']],
  [['-a'], ['ended', 'made', 'running']],
  [['-n', '1'], ['made']],
  [['-l'], ['made']],
  [
    ['--last', '2'],
    ['ended', 'made'],
  ],
  [['-a', '--filter', 'status=exited'], ['ended']],
  [
    ['-a', '--filter', 'status=created', '--filter', 'status=exited'],
    ['ended', 'made'],
  ],
  [['-a', '--filter', 'name=ru'], ['running']],
  [
    ['-a', '--filter', 'label=role'],
    ['ended', 'running'],
  ],
  [['-a', '--filter', 'label=role=b'], ['ended']],
  [['-a', '--filter', 'exited=3'], ['ended']],
  [['-a', '--filter', 'ancestor=web'], ['made']],
  [['-a', '--filter', 'before=ended'], ['running']],
  [['-a', '--filter', 'since=ended'], ['made']],
  [['-a', '--filter', 'network=bridge', '--filter', 'name=running'], ['running']],
  [['-a', '--filter', 'publish=8050'], ['running']],
];
for (const [args, expected] of table) {
  test(`ps ${args.join(' ')}`, async () => assert.deepEqual(await names(args), expected));
}

test('-q, --no-trunc, -s', async () => {
  assert.match(await box.ok(['ps', '-q']), /^[0-9a-f]{12}$/);
  assert.match(await box.ok(['ps', '-q', '--no-trunc']), /^[0-9a-f]{64}$/);
  assert.match(await box.ok(['ps', '-s']), /SIZE\n.*\d+k?B \(virtual [\d.]+ ?[kM]B\)/);
});

test('--format: table, json, functions', async () => {
  assert.equal(await box.ok(['ps', '--format', 'table {{.Names}}\t{{.Label "role"}}']), 'NAMES     role\nrunning   a');
  const row = JSON.parse(await box.ok(['ps', '--format', 'json']));
  assert.deepEqual([row.Names, row.State], ['running', 'running']);
  assert.equal(await box.ok(['ps', '--format', '{{upper .Names}} {{len .ID}}']), 'RUNNING 12');
});
