import { DockerError } from '../../docker/errors.ts';
import type { MountSpec } from '../../docker/flags/mount.ts';
import { cleanPath } from '../../docker/flags/volumes.ts';

const propagations = ['', 'private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];

/** The rules of dockerd for one entry of `HostConfig.Mounts`, with its sentences. */
export function checkMountSpec(spec: MountSpec): void {
  const fail = (text: string): never => {
    throw new DockerError('invalid', `invalid mount config for type "${spec.Type}": ${text}`);
  };
  const absolute = (path: string) => {
    if (!path.startsWith('/')) fail(`invalid mount path: '${path}' mount path must be absolute`);
  };
  if (!spec.Target) fail('field Target must not be empty');
  if (!['bind', 'volume', 'tmpfs', 'image'].includes(spec.Type)) fail('mount type unknown');
  if (cleanPath(spec.Target) === '/') fail("invalid specification: destination can't be '/'");
  absolute(spec.Target);
  const forbid = (field: 'BindOptions' | 'VolumeOptions' | 'TmpfsOptions') => {
    if (spec[field]) fail(`field ${field} must not be specified`);
  };
  switch (spec.Type) {
    case 'bind':
      if (!spec.Source) fail('field Source must not be empty');
      if (!propagations.includes(spec.BindOptions?.Propagation ?? '')) {
        fail(`invalid propagation mode: ${spec.BindOptions?.Propagation}`);
      }
      forbid('VolumeOptions');
      forbid('TmpfsOptions');
      absolute(spec.Source ?? '');
      return;
    case 'volume':
      forbid('BindOptions');
      forbid('TmpfsOptions');
      if (!spec.Source && spec.ReadOnly) fail('must not set ReadOnly mode when using anonymous volumes');
      // A path below a volume has to be opened without following what a container can change at any moment.
      if (spec.VolumeOptions?.Subpath) unsupported('volume-subpath is not supported: mount the volume itself');
      return;
    case 'tmpfs':
      if (spec.Source) fail('field Source must not be specified');
      forbid('BindOptions');
      forbid('VolumeOptions');
      return;
    default:
      unsupported('mounts of type image are not supported');
  }
}

function unsupported(message: string): never {
  throw new DockerError('not-implemented', message);
}
