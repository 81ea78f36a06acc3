/**
 * One build that docker-buildx and we must do alike. It happens in a directory of its own, in which both find the same files
 * with the same times.
 */
export interface BuildCase {
  name: string;
  /** The text of `Dockerfile`. */
  dockerfile?: string;
  /** Other files by their path, with their text. */
  files?: Record<string, string>;
  /** A script of sh that makes what texts cannot say. It runs after the files are there. */
  setup?: string;
  /**
   * What is typed, a script of sh. Its variables: $B builds without the cache and $C with it, $Q is a quiet $B, $OUT is this program's
   * directory of results, $OCI an output into it; $URL is a web server (see web.ts), $PRUNE empties the build cache.
   * `echo == >&2` stands between two builds.
   * Everything in $OUT is compared afterwards (see results.ts). Default: `$B $OCI .`
   */
  line?: string;
  /** It is expected to fail, and docker-buildx says this. */
  fails?: RegExp;
  /** Our own sentence for it, where docker-buildx's is of no help. */
  ours?: RegExp;
  /** What docker-buildx shows or writes: proof that the case is about what it claims to be. */
  shows?: RegExp;
}

/** The text without the indentation that its first line has; the only escapes are those of `$` and of the backtick. */
export function text(strings: TemplateStringsArray): string {
  const raw = String.raw(strings)
    .replaceAll(/\\([$`])/g, '$1')
    .replace(/^\n/, '');
  const indent = /^ */.exec(raw)![0].length;
  const lines = raw.split('\n').map((line) => (line.slice(0, indent).trim() === '' ? line.slice(indent) : line));
  return lines.join('\n');
}
