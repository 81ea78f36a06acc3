import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Script } from 'node:vm';
import { notBuilt } from '../harness/program.ts';
import { top } from './sources.ts';

const main = join(top, 'build/lib/main.cjs');
const budget = 150_000;
/** A command's table of flags comes with the command. */
const budgetWithTable = 200_000;

/** Notes every bundle that the loader reads, and writes the list where LOADED_FILES says when the process ends. */
const hook = `
const fs = require('node:fs');
const read = fs.readFileSync;
const seen = [process.argv[1]];
fs.readFileSync = (file, ...rest) => {
  if (String(file).endsWith('.cjs')) seen.push(file);
  return read(file, ...rest);
};
process.on('exit', () => fs.writeFileSync(process.env.LOADED_FILES, JSON.stringify(seen)));
`;

/** Answers every unary call with an empty message: a containerd that has nothing. */
function emptyContainerd() {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  return server;
}

describe('a command with one RPC loads little code', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-load-'));
  const server = emptyContainerd();
  const address = join(dir, 'c.sock');
  before(async () => {
    writeFileSync(join(dir, 'hook.cjs'), hook);
    server.listen(address);
    await once(server, 'listening');
  });
  after(() => {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const lines = { version: budget, images: budget, '--help': budget, ps: budget, '__complete stop ': budgetWithTable };
  for (const [command, most] of Object.entries(lines)) {
    test(command, { skip: notBuilt }, async (t) => {
      const list = join(dir, `${command}.json`);
      const child = spawn(process.execPath, ['--require', join(dir, 'hook.cjs'), main, ...command.split(' ')], {
        env: { ...process.env, CONTAINERD_ADDRESS: address, LOADED_FILES: list, NERDCTL_TOML: join(dir, 'none.toml') },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      const [code] = await once(child, 'close');
      const files = JSON.parse(readFileSync(list, 'utf8')) as string[];
      const sizes = files.map((file) => [file.slice(top.length), statSync(file).size] as const);
      const sum = sizes.reduce((total, [, size]) => total + size, 0);
      t.diagnostic(`${sum} bytes: ${sizes.map(([file, size]) => `${file} ${size}`).join(', ')}`);
      assert.equal(code, 0, stderr);
      assert.ok(sum < most, `${command} loads ${sum} bytes: ${JSON.stringify(sizes)}`);
    });
  }
});

test('V8 takes the bytecode of every bundle', { skip: notBuilt }, () => {
  const bundles = readdirSync(dirname(main)).filter((name) => name.endsWith('.cjs') && name !== 'main.cjs');
  assert.ok(bundles.length > 0);
  const refused = bundles.filter((name) => {
    const filename = join(dirname(main), name);
    const cachedData = readFileSync(`${filename}.cache`);
    return new Script(readFileSync(filename, 'utf8'), { filename, cachedData }).cachedDataRejected;
  });
  assert.deepEqual(refused, []);
});
