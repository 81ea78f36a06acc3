import { DockerError } from '../../docker/errors.ts';
import { type ExecUser, parseGroup, parsePasswd, resolveGroups, resolveUser } from '../../host/users.ts';
import type { Mount } from '../../runtime/snapshots.ts';
import { readRootfsFile } from './rootfs-files.ts';

/**
 * Docker's `--user` and `--group-add`, resolved in the container's own passwd and group files.
 * @throws DockerError with docker's sentence
 */
export function resolveExecUser(user: string, groupAdd: string[], mounts: Mount[]): ExecUser {
  const passwd = parsePasswd(readRootfsFile(mounts, '/etc/passwd') ?? '');
  const groups = parseGroup(readRootfsFile(mounts, '/etc/group') ?? '');
  try {
    const resolved = resolveUser(user, passwd, groups);
    const added = resolveGroups(groupAdd, groups);
    // docker lists the primary group among the additional ones
    const additionalGids = [...new Set([resolved.gid, ...resolved.additionalGids, ...added])];
    return { ...resolved, additionalGids };
  } catch (error) {
    throw new DockerError('invalid', (error as Error).message, { cause: error });
  }
}
