/** Each leaf of a value with the path to it. */
function leaves(value: unknown, path: string): [path: string, leaf: string][] {
  if (typeof value !== 'object' || value === null) return [[path, JSON.stringify(value) ?? 'undefined']];
  const inner = Object.entries(value);
  if (inner.length === 0) return [[path, Array.isArray(value) ? '[]' : '{}']];
  return inner.flatMap(([key, each]) => leaves(each, `${path} > ${key}`));
}

/** The time of a directory to which the daemon has added something since, because another build had left it there. */
const touched = /^("\S+ directory \S+ \S+) now /;

function isSame(was: string | undefined, is: string | undefined): boolean {
  if (was === is) return true;
  const [, start] = touched.exec(was ?? '') ?? [];
  return start !== undefined && is?.startsWith(`${start} `) === true;
}

/** Where two values are not the same, a line for each leaf: `-` is what was expected. */
export function difference(expected: unknown, actual: unknown): string[] {
  const [was, is] = [new Map(leaves(expected, '')), new Map(leaves(actual, ''))];
  const gone = [...was]
    .filter(([path, leaf]) => !isSame(leaf, is.get(path)))
    .map(([path, leaf]) => `-${path}: ${leaf}`);
  const come = [...is]
    .filter(([path, leaf]) => !isSame(was.get(path), leaf))
    .map(([path, leaf]) => `+${path}: ${leaf}`);
  return [...gone, ...come].sort((a, b) => (a.slice(1) < b.slice(1) ? -1 : 1));
}
