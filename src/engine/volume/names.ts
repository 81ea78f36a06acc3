import { randomBytes } from 'node:crypto';
import { DockerError } from '../../docker/errors.ts';

/** dockerd's rule for volumes of the local driver. */
export function checkVolumeName(name: string): void {
  if (name.length === 1) {
    throw new DockerError(
      'invalid',
      `create ${name}: volume name is too short, names should be at least two alphanumeric characters`,
    );
  }
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    throw new DockerError(
      'invalid',
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
}

/** 64 hexadecimal digits. */
export function anonymousVolumeName(): string {
  return randomBytes(32).toString('hex');
}
