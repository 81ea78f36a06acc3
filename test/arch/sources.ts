import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const top = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** As written. */
  from: string;
  /** Names between the braces, types included; empty for `import * as`, a default import or `import()`. */
  names: string[];
  typeOnly: boolean;
  dynamic: boolean;
}

export interface Source {
  /** From the top of the repository, with `/`. */
  path: string;
  text: string;
  lines: number;
  imports: Import[];
}

const statement = /^(?:import|export)\s+(type\s+)?([^'"]*?)\s*from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm;
const expression = /\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(text: string): Import[] {
  const found: Import[] = [];
  for (const [, type, clause = '', from, bare] of text.matchAll(statement)) {
    const names = clause.match(/\{([^}]*)\}/)?.[1] ?? '';
    found.push({
      from: from ?? bare ?? '',
      names: names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      typeOnly: type !== undefined,
      dynamic: false,
    });
  }
  for (const [, from] of text.matchAll(expression))
    found.push({ from: from!, names: [], typeOnly: false, dynamic: true });
  return found;
}

/** All TypeScript files below `src`, generated ones left out. */
export function sources(): Source[] {
  const walk = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return path.endsWith('src/gen') ? [] : walk(path);
      return entry.name.endsWith('.ts') ? [path] : [];
    });
  return walk(join(top, 'src')).map((file) => {
    const text = readFileSync(file, 'utf8');
    return {
      path: relative(top, file).replaceAll('\\', '/'),
      text,
      lines: text.split('\n').length - 1,
      imports: importsOf(text),
    };
  });
}

/** `src/engine/x.ts` is of folder `engine`; files of src itself are of `main`. */
export function folderOf(path: string): string {
  const parts = path.split('/');
  return parts.length > 2 ? parts[1]! : 'main';
}

/** The repository path of a relative import. */
export function resolved(path: string, from: string): string {
  return posix.normalize(posix.join(posix.dirname(path), from));
}
