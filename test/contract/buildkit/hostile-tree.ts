import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostHelper } from '../../../src/host/helper.ts';

/** A directory of everything that a file system can hold and that is easily lost on the way; root only. */
export async function hostileTree(host: HostHelper): Promise<{ dir: string; remove(): void }> {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-hostile-'));
  const path = (name: string) => Buffer.from(`${dir}/${name}`, 'latin1');
  const utf8 = (name: string) => Buffer.from(name).toString('latin1');
  const file = (name: string, content: string | Buffer = name, mode = 0o644) => {
    writeFileSync(path(name), content);
    chmodSync(path(name), mode);
  };
  const directory = (name: string, mode = 0o755) => {
    mkdirSync(path(name), { recursive: true });
    chmodSync(path(name), mode);
  };

  file('setuid', '#!/bin/sh\n', 0o4755);
  file('setgid', '', 0o2750);
  directory('sticky', 0o1777);
  file('sticky/file');
  directory('closed', 0o700);
  file('closed/unreadable', 'x', 0);
  chmodSync(path('closed'), 0o500);
  directory('empty', 0o711);
  file('zero', '');
  file('large', Buffer.alloc(1_500_000, 'large'));
  file('sparse', 'hole');
  truncateSync(path('sparse'), 20 << 20);
  file('old');
  utimesSync(path('old'), new Date(-315_619_200_000), new Date(-315_619_200_001));

  file('hard-1');
  directory('a/z');
  linkSync(path('hard-1'), path('a/z/hard-2'));
  linkSync(path('hard-1'), path('hard-3'));
  symlinkSync('a/z', path('link'));
  symlinkSync('/abs/olute', path('link-out'));
  symlinkSync('../../..', path('a/link-up'));
  symlinkSync('link-loop', path('link-loop'));
  symlinkSync(Buffer.of(0xff, 0xfe), path('link-bytes'));

  await host.mknod(path('fifo'), 0o010622, 0, 0);
  await host.mknod(path('null'), 0o020666, 1, 3);
  await host.mknod(path('disk'), 0o060640, 259, 300_000);
  linkSync(path('null'), path('null-2'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(dir, 'socket'), resolve));

  for (const name of [utf8('\u{1F600}'), utf8('é'), utf8('\uFFFF'), '\xff\xfe', 'a-b', 'a.b', 'a b', 'new\nline'])
    file(name);
  file('star*[x]');
  file('back\\slash');
  file('n'.repeat(255));
  directory(`deep/${Array.from({ length: 60 }, (_, depth) => `deep-${depth}`).join('/')}`);

  // File systems of containers do not hold all of them.
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');
  await host.setXattr(`${dir}/setgid`, ['security.capability', capability]).catch(() => {});
  await host.setXattr(`${dir}/a-b`, ['user.note', Buffer.from('bytes\0\xff', 'latin1')]).catch(() => {});
  await host.setXattr(`${dir}/empty`, ['user.empty', Buffer.alloc(0)]).catch(() => {});
  return {
    dir,
    remove() {
      server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Extended attributes of the entries of a directory, for comparison. */
export async function xattrsOf(host: HostHelper, dir: string): Promise<string[]> {
  const found = await host.listXattrs(dir);
  const lines = [...found].flatMap(([name, xattrs]) =>
    xattrs.map(([key, value]) => `${name} ${key} ${Buffer.from(value).toString('hex')}`),
  );
  return lines.sort();
}
