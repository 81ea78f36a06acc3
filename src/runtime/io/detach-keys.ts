export interface Scanned {
  /** What goes on to the container. */
  data: Uint8Array;
  detached: boolean;
}

/**
 * Looks for the detach keys in stdin. The beginning of a sequence is held back until it is clear that it is none, as
 * docker does.
 */
export function detachScanner(keys: Uint8Array): (chunk: Uint8Array) => Scanned {
  let matched = 0;
  return (chunk) => {
    const out: number[] = [];
    for (const byte of chunk) {
      if (byte === keys[matched]) {
        matched++;
        if (matched === keys.length) return { data: Uint8Array.from(out), detached: true };
        continue;
      }
      out.push(...keys.subarray(0, matched));
      matched = byte === keys[0] ? 1 : 0;
      if (matched === 0) out.push(byte);
      else if (keys.length === 1) return { data: Uint8Array.from(out), detached: true };
    }
    return { data: Uint8Array.from(out), detached: false };
  };
}
