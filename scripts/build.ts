import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Form, makeBundles, root, version } from './bundles.ts';

/**
 * Makes build/lib/*.cjs and bin/nerdctl: the bundles, V8's bytecode of each, and main.cjs (loader.cjs), which starts the
 * first. `--out DIR` builds elsewhere.
 */
const form: Form = {
  extension: 'cjs',
  options: {
    format: 'cjs',
    banner: { js: '(function(exports,require,module,__filename,__dirname){' },
    footer: { js: '})' },
    supported: { 'dynamic-import': false },
  },
};

async function main(): Promise<void> {
  const at = process.argv.indexOf('--out');
  const out = at < 0 ? root : resolve(process.argv[at + 1] ?? root);
  const lib = join(out, 'build', 'lib');
  // Put in place when complete, so that a running program never finds half of itself.
  const fresh = join(out, 'build', `lib-${process.pid}`);
  process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
  await makeBundles(fresh, form);
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
