import { readFile } from 'node:fs/promises';
import { parse } from 'smol-toml';
import { StatusError } from './errors.ts';

/** @throws StatusError naming the file, and the line where it is no TOML */
export async function readToml(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new StatusError(1, `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return parse(text);
  } catch (error) {
    const { line, message } = error as Error & { line?: number };
    const [reason = ''] = message.split('\n');
    throw new StatusError(1, `${path}${line === undefined ? '' : `:${line}`}: ${reason}`, { cause: error });
  }
}
