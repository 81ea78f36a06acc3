import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { openBox } from '../harness/box.ts';

const box = openBox(import.meta.url);
const asked: string[] = [];
let server: Server;
let host: string;

const results = [
  {
    name: 'team/app',
    description: 'two\nlines, and \u001b[31mcolour, and more than fits in',
    star_count: 3,
    is_official: false,
  },
  { name: 'web', description: 'official', star_count: 90, is_official: true },
  { name: 'bare' },
  { description: 'nameless' },
];

before(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/v1/search?q=page')) return response.end('<html>welcome</html>');
    if (request.url?.startsWith('/v1/search')) return response.end(JSON.stringify({ num_results: 4, results }));
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

test('columns, JSON, templates, what is cut', async () => {
  const [title, first, second] = (await box.ok(['search', '--limit', '7', `${host}/a b`])).split('\n');
  assert.match(title!, /^NAME +DESCRIPTION +STARS +OFFICIAL/);
  assert.match(first!, /^team\/app +two lines, and +\[31mcolour, .*… +3/);
  assert.match(second!, /^web +official +90 +\[OK\]/);
  assert.equal(asked.at(-1), '/v1/search?q=a+b&n=7');
  const json = (await box.ok(['search', '--no-trunc', '--format', 'json', `${host}/x`])).split('\n');
  assert.deepEqual(JSON.parse(json[1]!), { Description: 'official', IsOfficial: 'true', Name: 'web', StarCount: '90' });
  assert.match(json[0]!, /more than fits in/);
  assert.equal(asked.at(-1), '/v1/search?q=x&n=25');
});

test('--filter by stars and is-official', async () => {
  const names = (...filters: string[]) => {
    const flags = filters.flatMap((filter) => ['-f', filter]);
    return box.ok(['search', ...flags, '--format', '{{.Name}}', `${host}/x`]);
  };
  assert.equal(await names('stars=3'), 'team/app\nweb');
  assert.equal(await names('is-official=true'), 'web');
  assert.equal(await names('is-official=false', 'stars=1'), 'team/app');
  await box.fails(['search', '-f', 'bogus=1', 'x'], 1, /invalid filter 'bogus'/);
  await box.fails(['search', '-f', 'stars=a', 'x'], 1, /invalid filter 'stars=a'/);
  await box.fails(['search', '-f', 'is-official=maybe', 'x'], 1, /invalid filter 'is-official=\[maybe\]'/);
  await box.fails(['search', '--limit', '101', 'x'], 1, /Limit 101 is outside the range of \[1, 100\]/);
});

test('a registry without a search is told as such', async () => {
  const sentence = /^Error response from daemon: the registry \S+ has no search: it does not know \/v1\/search$/m;
  await box.fails(['search', `${host}/page`], 1, sentence);
  const other = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  await box.fails(['search', `127.0.0.1:${(other.address() as AddressInfo).port}/x`], 1, sentence);
  other.close();
  await box.fails(['search', 'https://example.com/x'], 1, /should not have a scheme/);
});
