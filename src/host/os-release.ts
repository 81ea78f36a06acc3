import { readFileSync } from 'node:fs';

/** A field of the distribution's description (os-release(5)); empty where it is not there. */
export function osReleaseField(field: string, text = readOsRelease()): string {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${field}=`));
  return line === undefined ? '' : line.slice(field.length + 1).replace(/^(["'])(.*)\1$/, '$2');
}

function readOsRelease(): string {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // The other place is the distribution's own.
    }
  }
  return '';
}
