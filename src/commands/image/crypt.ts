import { anyArgs, defineCommand } from '../../cli/command.ts';
import { DockerError } from '../../docker/errors.ts';

/** Go nerdctl's `image encrypt` and `image decrypt`, with their flags. */
export const command = defineCommand({
  use: 'encrypt [OPTIONS] SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  short: 'Encrypted images are not supported',
  args: anyArgs,
  flags: {
    'all-platforms': { type: 'bool', help: '', hidden: true },
    'dec-recipient': { type: 'slice', help: '', hidden: true },
    'gpg-homedir': { type: 'string', help: '', hidden: true },
    'gpg-version': { type: 'string', help: '', hidden: true },
    key: { type: 'slice', help: '', hidden: true },
    platform: { type: 'slice', help: '', hidden: true },
    recipient: { type: 'slice', help: '', hidden: true },
  },
  run: () => {
    throw new DockerError('not-implemented', 'encrypted images are not supported');
  },
});
