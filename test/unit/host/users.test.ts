import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseGroup, parsePasswd, resolveGroups, resolveUser } from '../../../src/host/users.ts';

const passwd = parsePasswd(`# comment
root:x:0:0:root:/root:/bin/sh
web:x:33:33:www:/var/www:/usr/sbin/nologin

1000:x:77:78::/odd:/bin/sh
broken:x:abc:1::/:/bin/sh
short:x:5:6
`);
const groups = parseGroup('root:x:0:\nwww:x:33:\naudio:x:29:web,root\nvideo:x:44:web\n');

describe('resolveUser', () => {
  const cases: [spec: string, expected: [uid: number, gid: number, groups: number[], home: string] | string][] = [
    ['', [0, 0, [29], '/root']],
    ['root', [0, 0, [29], '/root']],
    ['web', [33, 33, [29, 44], '/var/www']],
    ['33', [33, 33, [29, 44], '/var/www']],
    ['web:audio', [33, 29, [], '/var/www']],
    ['web:7', [33, 7, [], '/var/www']],
    ['4242', [4242, 0, [], '/']],
    ['4242:4243', [4242, 4243, [], '/']],
    [':www', [0, 33, [], '/root']],
    ['1000', [77, 78, [], '/odd']],
    ['short', [5, 6, [], '/']],
    ['nobody', 'unable to find user nobody: no matching entries in passwd file'],
    ['broken', 'unable to find user broken: no matching entries in passwd file'],
    ['root:nogroup', 'unable to find group nogroup: no matching entries in group file'],
    ['2147483648', 'uids and gids must be in range 0-2147483647'],
    ['-1', 'uids and gids must be in range 0-2147483647'],
  ];
  for (const [spec, expected] of cases)
    test(JSON.stringify(spec), () => {
      if (typeof expected === 'string') {
        assert.throws(() => resolveUser(spec, passwd, groups), { message: expected });
        return;
      }
      const user = resolveUser(spec, passwd, groups);
      assert.deepEqual([user.uid, user.gid, user.additionalGids, user.home], expected);
    });
});

test('resolveGroups takes names and numbers, once each', () =>
  assert.deepEqual(resolveGroups(['audio', '29', '1234'], groups), [29, 1234]));
