import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The directories of a PATH, without the empty ones, which would be the working directory. */
export const pathDirs = (path = ''): string[] => path.split(delimiter).filter((dir) => dir !== '');

/** The first of these directories' files of that name that may be executed. */
export function findExecutable(name: string, dirs: readonly string[]): string | undefined {
  return dirs
    .map((dir) => join(dir, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
