/** Frames of attach.sock, see docs/monitor.md. From the client: type, length (32 bits, big-endian), payload. */
export const ClientFrame = { hello: 1, stdin: 2, stdinEnd: 3, pid: 4, detach: 5, done: 6 } as const;
export const HelloFlag = { owner: 1, quiet: 2 } as const;

/** From the monitor: docker's stdcopy header, whose first byte is one of these. */
export const ServerStream = { stdout: 1, stderr: 2, attached: 3, exited: 4, stdinClosed: 5, pidKnown: 6 } as const;

export function clientFrame(type: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

const headerLength = 8;

/**
 * Splits a stdcopy stream. Payloads are handed on as they come, in pieces, without copying; a frame without payload
 * gives one empty piece.
 */
export function stdcopyReader(onPiece: (stream: number, piece: Buffer) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(headerLength);
  let have = 0;
  let left = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const piece = chunk.subarray(at, at + left);
        at += piece.length;
        left -= piece.length;
        onPiece(header[0] ?? 0, piece);
        continue;
      }
      const copied = chunk.copy(header, have, at, at + headerLength - have);
      have += copied;
      at += copied;
      if (have < headerLength) return;
      have = 0;
      left = header.readUInt32BE(4);
      if (left === 0) onPiece(header[0] ?? 0, Buffer.alloc(0));
    }
  };
}
