import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { directoryTree } from '../../../src/buildkit/fsutil/directory.ts';
import { receiveTree } from '../../../src/buildkit/fsutil/receive.ts';
import { sendTree } from '../../../src/buildkit/fsutil/send.ts';
import type { HostHelper } from '../../../src/host/helper.ts';
import { startHostHelper } from '../../../src/host/helper-process.ts';
import { createTreeWriter } from '../../../src/host/tree-writer.ts';
import { streamPair } from '../../unit/buildkit/stream-pair.ts';
import { nativeProgram } from '../monitor/program.ts';
import { hostileTree, xattrsOf } from './hostile-tree.ts';

const skip = process.getuid?.() !== 0 && 'this machine lacks root';

/** Each entry as find(1) sees it, content included. */
function listing(dir: string): string[] {
  const format = '%P %y %m %s %T@ %n %l\\0';
  const found = execFileSync('find', [dir, '-mindepth', '1', '!', '-type', 'd', '-printf', format], {
    encoding: 'latin1',
  });
  const dirs = execFileSync('find', [dir, '-mindepth', '1', '-type', 'd', '-printf', '%P d %m %T@\\0'], {
    encoding: 'latin1',
  });
  const devices = 'find . \\( -type c -o -type b \\) -exec stat -c "%n %t:%T" {} +; find . -type f -exec cksum {} +';
  const rest = execFileSync('sh', ['-c', devices], { cwd: dir, encoding: 'latin1' });
  return `${found}${dirs}${rest.replaceAll('\n', '\0')}`.split('\0').sort();
}

let host: HostHelper;
before(() => {
  host = startHostHelper(nativeProgram());
});
after(() => host.close());

test('a hostile tree arrives as it was, but for sockets', { skip }, async (t) => {
  const tree = await hostileTree(host);
  t.after(tree.remove);
  const to = mkdtempSync(join(tmpdir(), 'nerdctl-received-'));
  t.after(() => rmSync(to, { recursive: true, force: true }));
  for (let round = 0; round < 2; round++) {
    const [sender, receiver] = streamPair();
    const selection = { includes: [], excludes: [], follow: [] };
    await Promise.all([
      sendTree(sender, directoryTree(tree.dir, selection, host.listXattrs)).finally(sender.end),
      receiveTree(receiver, createTreeWriter(to, host)).finally(receiver.end),
    ]);
    const others = (line: string) => !line.includes('socket');
    assert.deepEqual(listing(to).filter(others), listing(tree.dir).filter(others));
    assert.deepEqual(await xattrsOf(host, to), await xattrsOf(host, tree.dir));
    const socket = execFileSync('find', [join(to, 'socket'), '-printf', '%y %s'], { encoding: 'utf8' });
    assert.equal(socket, 'f 0');
  }
});
