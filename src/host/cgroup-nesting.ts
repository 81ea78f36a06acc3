import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * In a container the top of the cgroups that we see is one with processes in it, and cgroup v2 gives controllers to none
 * below such a one: the processes move one down. Not at the top of the machine, nor where it is not permitted.
 */
export function makeRoomForCgroups(root = '/sys/fs/cgroup'): void {
  // The machine's own top has no type.
  if (!existsSync(join(root, 'cgroup.type'))) return;
  const controllers = readFileSync(join(root, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean);
  try {
    // More may be started meanwhile.
    for (let round = 0; round < 10; round++) {
      const pids = processesIn(root);
      if (pids.length === 0) break;
      mkdirSync(join(root, 'init'), { recursive: true });
      for (const pid of pids) moveTo(join(root, 'init'), pid);
    }
    for (const name of controllers) writeFileSync(join(root, 'cgroup.subtree_control'), `+${name}`);
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM', 'EBUSY', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  }
}

/** Those of other PID namespaces are 0 and cannot be moved. */
function processesIn(cgroup: string): string[] {
  return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8')
    .split('\n')
    .filter((pid) => pid !== '' && pid !== '0');
}

function moveTo(cgroup: string, pid: string): void {
  try {
    writeFileSync(join(cgroup, 'cgroup.procs'), pid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
