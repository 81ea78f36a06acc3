import { rename } from 'node:fs/promises';
import { runProcess } from './process.ts';

/**
 * Copies what is in one directory into another that exists: owners, modes, times, links, devices and extended
 * attributes included, and the owner and mode of the directory itself.
 */
export async function copyTree(source: string, target: string, signal?: AbortSignal): Promise<void> {
  // cp(1): Node has no calls for devices, extended attributes and the owners of links.
  const { code, stderr } = await runProcess('cp', ['-a', '--', `${source}/.`, target], { signal });
  if (code !== 0) throw new Error(stderr.toString().trim().split('\n')[0] || `cp ended with ${code}`);
}

/** rename(2): takes the place of nothing or of an empty directory. */
export function moveTree(source: string, target: string): Promise<void> {
  return rename(source, target);
}
