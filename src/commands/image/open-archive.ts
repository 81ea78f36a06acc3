import { type FileHandle, open } from 'node:fs/promises';
import { StatusError } from '../../cli/command.ts';

/**
 * A file given as an archive.
 * @throws StatusError in docker's words when it cannot be read
 */
export async function openArchive(path: string, verb: 'load' | 'import'): Promise<FileHandle> {
  try {
    const file = await open(path);
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new StatusError(1, `${path} is a directory: ${verb} reads a tar archive`);
    }
    return file;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new StatusError(1, `open ${path}: no such file or directory`, { cause: error });
    if (code === 'EACCES') throw new StatusError(1, `open ${path}: permission denied`, { cause: error });
    throw error;
  }
}
