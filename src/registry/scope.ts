/** Token scopes: `repository:team/app:pull,push`, several with a space between (distribution, "Token Scope"). */

export const pullScope = (path: string): string => `repository:${path}:pull`;

/** @param from another repository of the registry, whose blobs are to be mounted */
export function pushScope(path: string, from?: string): string {
  return `repository:${path}:pull,push${from === undefined ? '' : ` ${pullScope(from)}`}`;
}

/**
 * What to ask a token for: what the registry named in its challenge, with the actions that will be needed later. The
 * challenge of a HEAD says `pull` alone, and a repository may have another name behind an address with a path.
 * @param wanted our own scope, the repository that is worked on first
 */
export function widenScope(challenged: string | undefined, wanted: string): string {
  if (!challenged) return wanted;
  const [main = '', ...others] = wanted.split(' ');
  const named = challenged.split(' ').filter(Boolean);
  const isMain = (scope: string): boolean => named.length === 1 || resourceOf(scope) === resourceOf(main);
  const widened = named.map((scope) => (isMain(scope) ? withActions(scope, main) : scope));
  const known = new Set(widened.map(resourceOf));
  return [...widened, ...others.filter((scope) => !known.has(resourceOf(scope)))].join(' ');
}

const resourceOf = (scope: string): string => scope.slice(0, scope.lastIndexOf(':'));
const actionsOf = (scope: string): string[] => scope.slice(scope.lastIndexOf(':') + 1).split(',');

function withActions(scope: string, more: string): string {
  return `${resourceOf(scope)}:${[...new Set([...actionsOf(scope), ...actionsOf(more)])].sort().join(',')}`;
}
