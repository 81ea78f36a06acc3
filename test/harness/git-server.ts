import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * A repository without a work tree: `files` as the first commit, tagged v1, and on `main` what `later` changes.
 * The commits are the same each time.
 */
export function makeRepository(dir: string, files: Record<string, string>, later: Record<string, string>): void {
  const fixed = { GIT_AUTHOR_DATE: '2020-01-02T03:04:05Z', GIT_COMMITTER_DATE: '2020-01-02T03:04:05Z' };
  const git = (args: string[], input?: string) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...fixed },
      ...(input !== undefined && { input }),
    }).trim();
  const add = (some: Record<string, string>) => {
    for (const [path, text] of Object.entries(some)) {
      const blob = git(['hash-object', '-w', '--stdin'], text);
      git(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`]);
    }
    return git(['write-tree']);
  };
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', dir]);
  const first = git(['commit-tree', '-m', 'first', add(files)]);
  git(['tag', 'v1', first]);
  git(['update-ref', 'refs/heads/main', git(['commit-tree', '-m', 'second', '-p', first, add(later)])]);
}

/** Answers a request for `/NAME.git/…` from the repositories in a directory, as git's own CGI program does. */
export async function serveGit(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://localhost');
  const { 'content-type': type, 'content-encoding': encoding, 'git-protocol': protocol } = request.headers;
  const env = {
    ...process.env,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: url.pathname,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? 'GET',
    ...(type && { CONTENT_TYPE: type }),
    ...(encoding && { HTTP_CONTENT_ENCODING: encoding }),
    ...(protocol && { GIT_PROTOCOL: String(protocol) }),
  };
  const program = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  program.stdin.on('error', () => {});
  request.pipe(program.stdin);
  const [answer] = await Promise.all([buffer(program.stdout), once(program, 'close')]);
  const end = answer.indexOf('\r\n\r\n');
  const lines = answer.subarray(0, end).toString().split('\r\n');
  const fields = new Map(lines.map((line) => line.split(': ') as [string, string]));
  const status = Number.parseInt(fields.get('Status') ?? '200', 10);
  fields.delete('Status');
  response.writeHead(status, Object.fromEntries(fields)).end(answer.subarray(end + 4));
}
