import { cleanPath, trimSpace } from './clean-path.ts';
import { createPattern, type Pattern } from './pattern.ts';

/** Which of the patterns a directory matched; its entries match them too. */
export type MatchInfo = readonly boolean[];

/** A list of patterns as in `.dockerignore`: the last one that matches a path or a parent of it decides. */
export interface Matcher {
  readonly patterns: readonly Pattern[];
  /** One of them began with `!`. */
  readonly exclusions: boolean;
  /** @param path relative, with slashes and clean. @throws Error `syntax error in pattern` */
  matchesOrParentMatches(path: string): boolean;
  /**
   * The same, for those who walk a tree from its top.
   * @param parent what this function gave for the directory; none for an entry of the top directory
   */
  matchesUsingParent(path: string, parent?: MatchInfo): { matched: boolean; info: MatchInfo };
}

/** @throws Error `illegal exclusion pattern: "!"` or `syntax error in pattern` */
export function createMatcher(lines: readonly string[]): Matcher {
  const patterns = lines.flatMap((line) => {
    const trimmed = trimSpace(line);
    if (trimmed === '') return [];
    const cleaned = cleanPath(trimmed);
    if (cleaned === '!') throw new Error('illegal exclusion pattern: "!"');
    return cleaned.startsWith('!') ? [createPattern(cleaned.slice(1), true)] : [createPattern(cleaned, false)];
  });

  function matchesUsingParent(path: string, parent?: MatchInfo): { matched: boolean; info: MatchInfo } {
    const info = new Array<boolean>(patterns.length).fill(false);
    let matched = false;
    for (const [index, pattern] of patterns.entries()) {
      if (!parent?.[index]) {
        // Only a pattern that would change the answer is looked at; for the entries below it counts as not matching.
        if (pattern.exclusion !== matched) continue;
        if (!pattern.matches(path) && (parent || !parentMatches(pattern, path))) continue;
      }
      info[index] = true;
      matched = !pattern.exclusion;
    }
    return { matched, info };
  }

  return {
    patterns,
    exclusions: patterns.some(({ exclusion }) => exclusion),
    matchesOrParentMatches: (path) => matchesUsingParent(path).matched,
    matchesUsingParent,
  };
}

function parentMatches(pattern: Pattern, path: string): boolean {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (pattern.matches(path.slice(0, slash))) return true;
  }
  return false;
}
