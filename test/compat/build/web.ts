import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tar } from '../../harness/archive.ts';
import { makeRepository, serveGit } from '../../harness/git-server.ts';

/** The web server that ADD and remote contexts ask. @param dir gets the repository that it serves */
export async function startWeb(dir: string): Promise<{ url: string; close(): void }> {
  const repository = {
    Dockerfile: 'FROM scratch\nCOPY file /of-the-root\n',
    file: 'first\n',
    'sub/Dockerfile': 'FROM scratch\nCOPY other /of-the-directory\n',
    'sub/other': 'o\n',
  };
  makeRepository(join(dir, 'repository.git'), repository, { file: 'second\n' });
  const archive = await tar([{ path: 'in-the-archive', body: 'archived\n' }]);
  const context = await tar([
    { path: 'Dockerfile', body: 'FROM scratch\nCOPY file /from-the-web\n' },
    { path: 'file', body: 'f\n' },
  ]);
  const dated = { 'last-modified': 'Sat, 02 Feb 2019 03:04:05 GMT' };
  const pages: Record<string, [status: number, headers: Record<string, string>, body: string | Buffer]> = {
    '/file.txt': [200, { ...dated, etag: '"file-1"' }, 'served\n'],
    '/archive.tar': [200, dated, archive],
    '/context.tar.gz': [200, dated, gzipSync(context)],
    '/Dockerfile': [200, { 'content-type': 'text/plain' }, 'FROM bb\nRUN echo from the web\n'],
    '/COPY.Dockerfile': [200, dated, 'FROM scratch\nCOPY file /of-a-fetched-file\n'],
    '/redirect': [302, { location: '/file.txt' }, ''],
    '/disposition': [200, { ...dated, 'content-disposition': 'attachment; filename="given.name"' }, 'named\n'],
  };
  const server = createServer((request, response) => {
    const { url } = request;
    if (url?.startsWith('/repository.git/')) return void serveGit(dir, request, response);
    const [status, headers, body] = pages[url ?? ''] ?? [404, {}, 'no such page\n'];
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}
