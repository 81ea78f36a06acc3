import { DockerError } from '../../docker/errors.ts';

export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/**
 * `--detach-keys`: characters and `ctrl-<a-z, @, [, \, ], ^ or _>`, separated by commas. Empty means the default.
 * @throws DockerError 'invalid'
 */
export function parseDetachKeys(text: string): Uint8Array {
  return Uint8Array.from((text || defaultDetachKeys).split(','), (key) => {
    const code = keyCode(key);
    if (code === undefined) throw new DockerError('invalid', `Invalid detach keys (${text}) provided`);
    return code;
  });
}

function keyCode(key: string): number | undefined {
  if (key.length === 1 && key.charCodeAt(0) < 0x80) return key.charCodeAt(0);
  if (key.toUpperCase() === 'DEL') return 0x7f;
  const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
  return control === undefined ? undefined : control.toUpperCase().charCodeAt(0) - 0x40;
}

/**
 * Looks for the keys in what is typed. Their beginning is held back until it is clear whether the rest follows, and
 * handed on if not; what follows the complete sequence is dropped.
 */
export function detachScanner(keys: Uint8Array): (chunk: Uint8Array) => { data: Uint8Array; detached: boolean } {
  let matched = 0;
  return (chunk) => {
    const data: number[] = [];
    for (const byte of chunk) {
      if (matched > 0 && byte !== keys[matched]) {
        data.push(...keys.subarray(0, matched));
        matched = 0;
      }
      if (byte !== keys[matched]) {
        data.push(byte);
      } else if (++matched === keys.length) {
        return { data: Uint8Array.from(data), detached: true };
      }
    }
    return { data: Uint8Array.from(data), detached: false };
  };
}
