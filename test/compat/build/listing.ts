import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from 'tar-stream';

/** What is younger than the corpus was made by the build: its time is nothing to compare. */
const madeByBuild = Date.now() / 1000 - 600;
const time = (seconds: number) => (seconds > madeByBuild && seconds < madeByBuild + 86_400 ? 'now' : String(seconds));

const octal = (mode: number) => (mode & 0o7777).toString(8);
const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex').slice(0, 12);

/** A file of an archive. Names are latin1: a character for each byte. */
export interface Member {
  name: string;
  line: string;
  data: Buffer;
}

export async function tarMembers(archive: Buffer): Promise<Member[]> {
  const members: Member[] = [];
  const reader = extract({ filenameEncoding: 'latin1' } as object);
  reader.end(archive);
  for await (const entry of reader) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    const data = Buffer.concat(chunks);
    const { name, type, mode, uid, gid, linkname, mtime, devmajor, devminor } = entry.header;
    const what = type === 'file' ? `${data.length} ${digest(data)}` : (linkname ?? '');
    const device = devmajor ? ` ${devmajor},${devminor}` : '';
    const seconds = (mtime?.getTime() ?? 0) / 1000;
    members.push({
      name,
      data,
      line: `${name} ${type} ${octal(mode ?? 0)} ${uid}:${gid} ${time(seconds)} ${what}${device}`,
    });
  }
  return members;
}

/** The files of a directory, as an archive's are listed. */
export function directoryLines(dir: string, below = ''): string[] {
  const names = readdirSync(join(dir, below)).sort();
  return names.flatMap((name) => {
    const path = join(below, name);
    const full = join(dir, path);
    const stat = lstatSync(full);
    const kind = stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : stat.isFIFO() ? 'fifo' : 'file';
    const data = stat.isFile() ? readFileSync(full) : undefined;
    const what = data
      ? `${data.length} ${digest(data)} ${stat.nlink}`
      : stat.isSymbolicLink()
        ? readlinkSync(full)
        : '';
    const line = `${path} ${kind} ${octal(stat.mode)} ${stat.uid}:${stat.gid} ${time(stat.mtimeMs / 1000)} ${what}`;
    return [line, ...(stat.isDirectory() ? directoryLines(dir, path) : [])];
  });
}
