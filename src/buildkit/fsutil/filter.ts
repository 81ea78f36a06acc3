import { createMatcher, type Matcher, type MatchInfo } from '../../docker/ignore/matcher.ts';
import type { Pattern } from '../../docker/ignore/pattern.ts';
import { type ByteString, textOfBytes } from '../../docker/values/byte-text.ts';

/** What a directory matched; its entries are looked at with it. */
export interface DirInfo {
  include?: MatchInfo;
  exclude?: MatchInfo;
}

/** `send`; `pass`: not itself, but perhaps what is in it; `prune`: nothing of it. */
export type Verdict = 'send' | 'pass' | 'prune';

export interface TreeFilter {
  /** @param parent of the directory that it is in; none in the top directory */
  look(path: ByteString, isDir: boolean, parent?: DirInfo): { verdict: Verdict; info: DirInfo };
}

/**
 * Which entries of a tree are sent: those that one of the includes matches, if there are any, and no exclude.
 * @throws Error when one of them is no pattern
 */
export function createFilter(includes: readonly string[], excludes: readonly string[]): TreeFilter | undefined {
  const include = includes.length > 0 ? matcherOf(includes, 'includepatterns') : undefined;
  const exclude = excludes.length > 0 ? matcherOf(excludes, 'excludepatterns') : undefined;
  if (!include && !exclude) return undefined;
  const mayInclude = include && mayLieBelow(include.patterns.filter(({ exclusion }) => !exclusion));
  const mayKeep = exclude && mayLieBelow(exclude.patterns.filter(({ exclusion }) => exclusion));

  return {
    look(path, isDir, parent) {
      const text = textOfBytes(path);
      const info: DirInfo = {};
      let verdict: Verdict = 'send';
      if (include) {
        const result = ask(include, 'includepatterns', text, parent?.include);
        info.include = result.info;
        if (!result.matched) verdict = !isDir || mayInclude!(text) ? 'pass' : 'prune';
      }
      if (exclude && verdict !== 'prune') {
        const result = ask(exclude, 'excludepatterns', text, parent?.exclude);
        info.exclude = result.info;
        if (result.matched) verdict = !isDir || mayKeep!(text) ? 'pass' : 'prune';
      }
      return { verdict, info };
    },
  };
}

function matcherOf(patterns: readonly string[], name: string): Matcher {
  try {
    return createMatcher(patterns);
  } catch (error) {
    throw new Error(`invalid ${name}: [${patterns.join(' ')}]: ${(error as Error).message}`);
  }
}

function ask(matcher: Matcher, name: string, path: string, parent: MatchInfo | undefined) {
  try {
    return matcher.matchesUsingParent(path, parent);
  } catch (error) {
    throw new Error(`failed to match ${name}: ${(error as Error).message}`);
  }
}

/** Whether one of the patterns may match something in a directory; told apart only where all of them are plain paths. */
function mayLieBelow(patterns: readonly Pattern[]): (dir: string) => boolean {
  const paths = patterns.map(({ text }) => text.replace(/\/\*\*$/, '').replace(/\/\*$/, ''));
  if (paths.some((path) => /[*[\]?^\\]/.test(path))) return () => true;
  return (dir) => paths.some((path) => `${path}/`.startsWith(`${dir}/`));
}
