import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { DockerError } from '../../docker/errors.ts';

// Linked statically, all but tini: that one runs only in images with the host's kind of libc.
const names = ['docker-init', 'tini-static', 'catatonit', 'tini'];
const elsewhere = ['/usr/libexec/docker', '/usr/local/libexec/docker', '/usr/libexec/podman', '/usr/libexec/catatonit'];

/** The host's program for `--init`: bind-mounted into the container as its first process. */
export function findInitBinary(env: NodeJS.ProcessEnv = process.env): string {
  const directories = [...(env.PATH ?? '').split(':'), '/usr/local/bin', '/usr/bin', '/bin', ...elsewhere];
  for (const name of names) {
    for (const directory of directories) {
      if (directory.startsWith('/') && executable(join(directory, name))) return join(directory, name);
    }
  }
  throw new DockerError(
    'invalid',
    'no init program found for --init: install the package tini, or put docker-init on PATH',
  );
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
