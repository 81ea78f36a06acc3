import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { completionScripts } from './completions.ts';

/**
 * Makes build/lib/*.cjs and bin/nerdctl: program.cjs, one bundle for each `import('./x.ts')` with a literal path,
 * which its importer requires when it gets there, V8's bytecode of each, and main.cjs (loader.cjs), which starts the
 * first. `--out DIR` builds elsewhere.
 */
const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

/** Bundle names by the file that they are made from. */
type Entries = Map<string, string>;

function bundleName(file: string): string {
  const path = relative(source, file);
  const inside = !path.startsWith('..');
  const words = inside ? path : relative(join(root, 'node_modules'), file);
  return `${inside ? '' : 'npm-'}${words.replace(/\.[cm]?[jt]s$/, '').replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
}

/** Modules of many bundles that are a bundle of their own, so that a command loads each once. */
const shared = new Map([['@bufbuild/protobuf/wire', join(source, 'grpc/wire.ts')]]);

/** Turns dynamic imports and shared modules into requires of sibling bundles, and notes those bundles as entries. */
function splitBundles(entries: Entries): Plugin {
  const sibling = (file: string) => {
    const name = entries.get(file) ?? bundleName(file);
    entries.set(file, name);
    return { path: `./${name}.cjs`, external: true };
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

async function bundle(file: string, name: string, lib: string, entries: Entries, version: string): Promise<void> {
  await build({
    entryPoints: [file],
    outfile: join(lib, `${name}.cjs`),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    banner: { js: '(function(exports,require,module,__filename,__dirname){' },
    footer: { js: '})' },
    supported: { 'dynamic-import': false },
    define: {
      NERDCTL_VERSION: JSON.stringify(version),
      NERDCTL_REVISION: JSON.stringify(revision()),
      NERDCTL_COMPLETIONS: JSON.stringify(completionScripts()),
    },
    plugins: [splitBundles(entries), leanCommander],
    logLevel: 'warning',
  });
}

async function main(): Promise<void> {
  const at = process.argv.indexOf('--out');
  const out = at < 0 ? root : resolve(process.argv[at + 1] ?? root);
  const lib = join(out, 'build', 'lib');
  // Put in place when complete, so that a running program never finds half of itself.
  const fresh = join(out, 'build', `lib-${process.pid}`);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  mkdirSync(fresh, { recursive: true });
  const entries: Entries = new Map([[join(source, 'main.ts'), 'program']]);
  const done = new Set<string>();
  process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
  for (;;) {
    const left = [...entries].filter(([file]) => !done.has(file));
    if (left.length === 0) break;
    for (const [file] of left) done.add(file);
    await Promise.all(left.map(([file, name]) => bundle(file, name, fresh, entries, version)));
  }
  execFileSync(process.execPath, ['--hash-seed=1', join(root, 'scripts', 'bytecode.cjs'), fresh], { stdio: 'inherit' });
  copyFileSync(join(root, 'scripts', 'loader.cjs'), join(fresh, 'main.cjs'));
  rmSync(lib, { recursive: true, force: true });
  renameSync(fresh, lib);
  const launcher = join(out, 'bin', 'nerdctl');
  mkdirSync(dirname(launcher), { recursive: true });
  writeFileSync(launcher, readFileSync(join(root, 'scripts', 'launcher.sh'), 'utf8').replace('@VERSION@', version));
  chmodSync(launcher, 0o755);
}

// esbuild has printed what is wrong.
await main().catch(() => {
  process.exitCode = 1;
});
