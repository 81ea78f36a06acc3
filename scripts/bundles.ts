import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { completionScripts } from './completions.ts';

export const root = resolve(import.meta.dirname, '..');
export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const source = join(root, 'src');

export interface Form {
  /** Of the bundles' names. */
  extension: 'cjs' | 'mjs';
  options: BuildOptions;
  /** Values by the names that the sources declare, besides those of every build. */
  values?: Record<string, unknown>;
}

/** Bundle names by the file that they are made from. */
type Entries = Map<string, string>;

/**
 * Makes program.* of src/main.ts in `dir`, and one bundle for each `import('./x.ts')` with a literal path, which its
 * importer loads when it gets there. Each has a copy of what it needs besides: a command loads few files.
 */
export async function makeBundles(dir: string, form: Form): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const values = {
    NERDCTL_VERSION: version,
    NERDCTL_REVISION: revision(),
    NERDCTL_COMPLETIONS: completionScripts(),
    ...form.values,
  };
  const define = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
  const entries: Entries = new Map([[join(source, 'main.ts'), 'program']]);
  const bundle = ([file, name]: [string, string]) =>
    build({
      entryPoints: [file],
      outfile: join(dir, `${name}.${form.extension}`),
      bundle: true,
      platform: 'node',
      target: 'node20',
      minify: true,
      legalComments: 'none',
      ...form.options,
      define,
      plugins: [splitBundles(entries, form.extension), leanCommander],
      logLevel: 'warning',
    });
  const done = new Set<string>();
  for (;;) {
    const left = [...entries].filter(([file]) => !done.has(file));
    if (left.length === 0) break;
    for (const [file] of left) done.add(file);
    await Promise.all(left.map(bundle));
  }
}

function bundleName(file: string): string {
  const path = relative(source, file);
  const inside = !path.startsWith('..');
  const words = inside ? path : relative(join(root, 'node_modules'), file);
  return `${inside ? '' : 'npm-'}${words.replace(/\.[cm]?[jt]s$/, '').replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
}

/** Modules of many bundles that are a bundle of their own, so that a command loads each once. */
const shared = new Map([['@bufbuild/protobuf/wire', join(source, 'grpc/wire.ts')]]);

/** Leads dynamic imports and shared modules to sibling bundles, and notes those bundles as entries. */
function splitBundles(entries: Entries, extension: string): Plugin {
  const sibling = (file: string) => {
    const name = entries.get(file) ?? bundleName(file);
    entries.set(file, name);
    return { path: `./${name}.${extension}`, external: true };
  };
  return {
    name: 'split-bundles',
    setup({ onResolve, resolve: resolvePath }) {
      onResolve({ filter: /.*/ }, async ({ kind, path, importer, resolveDir }) => {
        const alone = shared.get(path);
        if (alone !== undefined && alone !== importer) return sibling(alone);
        if (kind !== 'dynamic-import' || path.startsWith('node:')) return undefined;
        const found = await resolvePath(path, { kind: 'import-statement', importer, resolveDir });
        return found.errors.length > 0 || found.external ? found : sibling(found.path);
      });
    },
  };
}

/**
 * What commander requires and we never call: executable sub-commands (loading child_process takes 1.5 ms), its own help
 * and its guesses at misspelt words.
 */
const leanCommander: Plugin = {
  name: 'lean-commander',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$|\/(help|suggestSimilar)\.js$/ }, ({ importer, path }) =>
      importer.includes('/commander/') ? { path, namespace: 'nothing' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

function revision(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return '';
  }
}
