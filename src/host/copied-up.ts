import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The directories that `rootlesskit --copy-up` replaces by ones of its own, with links to what was in them. */
const copiedUp = ['/etc', '/run', '/var/lib'];

/**
 * A path as the user outside of RootlessKit's mount namespace means it: in the directory itself instead of the copy. Links on
 * its way are followed, but for its last part.
 */
export function outsidePath(path: string): string {
  const at = path.replace(/\/+\.?$/, '').lastIndexOf('/');
  const parent = at > 0 ? existing(path.slice(0, at)) : '';
  const full = `${parent}${path.slice(Math.max(at, 0))}`;
  for (const dir of copiedUp) {
    if (full !== dir && !full.startsWith(`${dir}/`)) continue;
    const original = originalOf(dir);
    if (original && !full.startsWith(`${original}/`)) return original + full.slice(dir.length);
  }
  return full;
}

function existing(path: string): string {
  try {
    return realpathSync.native(path).replace(/^\/$/, '');
  } catch {
    return path;
  }
}

function originalOf(dir: string): string | undefined {
  const name = readdirSync(dir).find((each) => /^\.ro\d+$/.test(each) && lstatSync(join(dir, each)).isDirectory());
  return name && join(dir, name);
}

/** A sentence with paths as the user knows them. */
export function withOutsidePaths(sentence: string): string {
  return sentence.replaceAll(/(\/(?:etc|run|var\/lib))\/\.ro\d+(?=[/"':\s]|$)/g, '$1');
}
