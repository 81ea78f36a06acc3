import { type ByteString, textOfBytes } from '../docker/values/byte-text.ts';

/** Where libuv's sentence for an errno is not the C library's. */
const SENTENCES: Record<string, string> = {
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  EIO: 'input/output error',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENXIO: 'no such device or address',
  EXDEV: 'invalid cross-device link',
  EMLINK: 'too many links',
  EROFS: 'read-only file system',
  ENOTSUP: 'operation not supported',
};

/** What the C library says of an error of the system: `permission denied`; the message of any other error. */
export function errnoSentence(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return SENTENCES[code] ?? /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

/** The sentence of Go's os.PathError: `open /a/b: permission denied`. */
export function pathError(operation: string, path: ByteString, error: unknown): Error {
  const { code = '' } = error as NodeJS.ErrnoException;
  const sentence = errnoSentence(error);
  const shown = textOfBytes(path).replace(/[\uDC80-\uDCFF]/gu, '\uFFFD');
  return Object.assign(new Error(`${operation} ${shown}: ${sentence}`, { cause: error }), { code });
}

/** It was there a moment ago, or a directory on the way to it was. */
export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}
