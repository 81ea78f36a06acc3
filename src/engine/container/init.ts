import { DockerError } from '../../docker/errors.ts';
import { findExecutable, pathDirs } from '../../host/executables.ts';

/** The static ones first: another needs the libraries of the host in the image. */
const names = ['docker-init', 'tini-static', 'catatonit', 'tini'];
const fallbackDirs = ['/usr/local/libexec/docker', '/usr/libexec/docker', '/usr/local/bin', '/usr/bin', '/usr/sbin'];

/**
 * The program for `--init` on the host: docker's own, or one that takes the same arguments.
 * @throws DockerError that names the package to install
 */
export function findInit(path = ''): string {
  const dirs = [...pathDirs(path), ...fallbackDirs];
  for (const name of names) {
    const found = findExecutable(name, dirs);
    if (found) return found;
  }
  throw new DockerError('invalid', '--init needs an init on this machine: install the package tini');
}
