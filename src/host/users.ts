/** A line of passwd(5). */
export interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

/** A line of group(5). */
export interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

/** What runs in the container; the OCI `process.user` and HOME. */
export interface ExecUser {
  uid: number;
  gid: number;
  additionalGids: number[];
  home: string;
}

const maxId = 2 ** 31 - 1;

export function parsePasswd(text: string): PasswdEntry[] {
  return lines(text).flatMap((fields) => {
    const [name = '', , uid = '', gid = '', , home = '', shell = ''] = fields;
    const ids = [toId(uid), toId(gid)];
    if (ids[0] === undefined || ids[1] === undefined) return [];
    return { name, uid: ids[0], gid: ids[1], home, shell };
  });
}

export function parseGroup(text: string): GroupEntry[] {
  return lines(text).flatMap(([name = '', , gid = '', members = '']) => {
    const id = toId(gid);
    return id === undefined ? [] : { name, gid: id, members: members.split(',').filter(Boolean) };
  });
}

/**
 * Docker's `--user`: `[user|uid][:group|gid]`, looked up in the container's own files. A number needs no entry.
 * Without a group the user's own group and the groups that list it apply; with one, only that.
 * @throws Error with docker's sentence
 */
export function resolveUser(spec: string, passwd: PasswdEntry[], groups: GroupEntry[]): ExecUser {
  const [userPart = '', groupPart = ''] = spec.split(':', 2);
  const uid = toId(userPart);
  // A name of digits is matched before it is taken as a number.
  const entry =
    userPart === ''
      ? passwd.find((p) => p.uid === 0)
      : (passwd.find((p) => p.name === userPart) ?? passwd.find((p) => p.uid === uid));
  if (!entry && userPart !== '' && uid === undefined) {
    if (/^-?\d+$/.test(userPart)) throw new Error('uids and gids must be in range 0-2147483647');
    throw new Error(`unable to find user ${userPart}: no matching entries in passwd file`);
  }
  const user: ExecUser = {
    uid: entry?.uid ?? uid ?? 0,
    gid: entry?.gid ?? 0,
    additionalGids: [],
    home: entry?.home || '/',
  };
  if (groupPart !== '') return { ...user, gid: findGroup(groupPart, groups) };
  if (entry) user.additionalGids = groups.filter((g) => g.members.includes(entry.name)).map((g) => g.gid);
  return user;
}

/** `--group-add`: names or numbers. */
export function resolveGroups(names: string[], groups: GroupEntry[]): number[] {
  return [...new Set(names.map((name) => findGroup(name, groups)))];
}

function findGroup(name: string, groups: GroupEntry[]): number {
  const gid = toId(name);
  const found = groups.find((g) => g.name === name)?.gid ?? gid;
  if (found !== undefined) return found;
  if (/^-?\d+$/.test(name)) throw new Error('uids and gids must be in range 0-2147483647');
  throw new Error(`unable to find group ${name}: no matching entries in group file`);
}

function lines(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

function toId(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  return id <= maxId ? id : undefined;
}
