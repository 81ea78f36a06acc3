import { readFileSync } from 'node:fs';

/** One line of /proc/<pid>/mountinfo, see proc(5). */
export interface MountInfo {
  root: string;
  mountPoint: string;
  options: string[];
  /** `shared:7`, `master:3`, `unbindable`. */
  propagation: string[];
  fsType: string;
  source: string;
  superOptions: string[];
}

export function readMountInfo(pid: number | 'self' = 'self'): MountInfo[] {
  return parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
}

export function parseMountInfo(text: string): MountInfo[] {
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    if (before === undefined || after === undefined) return [];
    const [, , , root = '', mountPoint = '', options = '', ...propagation] = before.split(' ');
    const [fsType = '', source = '', superOptions = ''] = after.split(' ');
    return {
      root: unescapeOctal(root),
      mountPoint: unescapeOctal(mountPoint),
      options: options.split(','),
      propagation,
      fsType,
      source: unescapeOctal(source),
      superOptions: superOptions.split(','),
    };
  });
}

/** The mount that `path` (absolute, free of symbolic links) lies on: the last of the longest mount points. */
export function mountOf(path: string, mounts: MountInfo[]): MountInfo | undefined {
  let found: MountInfo | undefined;
  for (const mount of mounts) {
    const point = mount.mountPoint;
    if (path !== point && !path.startsWith(point.endsWith('/') ? point : `${point}/`)) continue;
    if (!found || point.length >= found.mountPoint.length) found = mount;
  }
  return found;
}

function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  // Escapes are bytes of UTF-8, not characters.
  const bytes = Buffer.from(text).toString('latin1');
  const plain = bytes.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return Buffer.from(plain, 'latin1').toString('utf8');
}
