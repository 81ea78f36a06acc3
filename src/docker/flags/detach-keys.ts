import { DockerError } from '../errors.ts';

/**
 * A value of --detach-keys (`ctrl-p,ctrl-q`) as the bytes to look for in stdin; empty: docker's default.
 * @throws DockerError `invalid`
 */
export function parseDetachKeys(text: string): Uint8Array {
  const keys = (text === '' ? 'ctrl-p,ctrl-q' : text).split(',');
  return Uint8Array.from(keys, (key) => {
    const code = keyCode(key);
    if (code === undefined)
      throw new DockerError('invalid', `invalid detach keys (${text}): Unknown character: '${key}'`);
    return code;
  });
}

function keyCode(key: string): number | undefined {
  if (key.length === 1) return key.charCodeAt(0) < 128 ? key.charCodeAt(0) : undefined;
  const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
  if (control === undefined) return undefined;
  return control.toUpperCase().charCodeAt(0) & 0x1f;
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
