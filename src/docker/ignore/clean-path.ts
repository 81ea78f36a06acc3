import { posix } from 'node:path';

/** The shortest equal path, as Go's `filepath.Clean` gives it: no trailing slash, `.` for an empty one. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** Unicode's White_Space, which is what Go trims; JavaScript's `trim` takes the byte order mark and leaves NEL. */
const SPACE = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leading = new RegExp(`^[${SPACE}]+`);
const trailing = new RegExp(`[${SPACE}]+$`);

export function trimSpace(text: string): string {
  return text.replace(leading, '').replace(trailing, '');
}
