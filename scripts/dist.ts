import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeBundles, root, version } from './bundles.ts';

/**
 * Makes the single executable: `dist.ts BUN OUT`. In the file, each at the border of a page: the launcher, which is the
 * monitor too (src/launcher, src/monitor), Bun with our bundle inside, and this machine's C library for machines
 * without one. docs/adr/0005-executable.md says why.
 */
const work = join(root, 'build', 'dist');
/** Also on machines whose pages have 64 KiB. */
const pageSize = 65_536;
const loaders = { x64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' };
const libraries = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2'];

const run = (file: string, args: string[]) =>
  execFileSync(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    .toString()
    .trim();
const sources = (dir: string) =>
  readdirSync(join(root, dir))
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(dir, name));

/** Its address leaves the lower ones to Bun, which is linked for them. */
function compileLauncher(): Buffer {
  const out = join(work, 'launcher');
  const flags = [
    '-std=c11',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-Os',
    '-s',
    '-static',
    '-no-pie',
    '-Wl,-Ttext-segment=0x40000000',
  ];
  const object = join(work, 'monitor-main.o');
  run('cc', [...flags.slice(0, 5), '-Dmain=monitor_main', '-c', '-o', object, 'src/monitor/main.c']);
  const others = sources('src/monitor').filter((path) => !path.endsWith('/main.c'));
  run('cc', [...flags, '-o', out, object, ...others, ...sources('src/launcher')]);
  return readFileSync(out);
}

/** The scripts of rootless and the units that they and others use, as they lie in the sources. */
function carriedFiles(): Record<string, string> {
  const dirs = ['rootless', 'lib/systemd/system', 'lib/systemd/user'];
  const paths = dirs.flatMap((dir) => readdirSync(join(root, dir)).map((name) => join(dir, name)));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

async function compileProgram(bun: string, launcher: Buffer): Promise<Buffer> {
  const hash = createHash('sha256').update(launcher).digest('hex').slice(0, 12);
  // Split by Bun itself, what many parts share is a file for each set of them, and a command has to load dozens.
  const bundles = join(work, 'bundles');
  await makeBundles(bundles, {
    extension: 'mjs',
    // For what the bundles keep of CommonJS.
    options: { format: 'esm', target: 'esnext', banner: { js: 'const{require}=import.meta;' } },
    values: {
      NERDCTL_SINGLE: { launcher: launcher.length, id: `${version}-${hash}` },
      NERDCTL_CARRIED: carriedFiles(),
    },
  });
  const out = join(work, 'program');
  run(bun, [
    ...['build', join(bundles, 'program.mjs'), '--compile', '--outfile', out, '--target=bun', '--format=esm'],
    ...['--minify', '--splitting', '--bytecode'],
    ...['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig'],
  ]);
  return readFileSync(out);
}

function assemble(parts: Buffer[]): Buffer {
  const pieces: Buffer[] = [];
  const table = Buffer.alloc(16 * (parts.length - 1) + 16);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    if (i > 0) {
      table.writeBigUInt64LE(BigInt(at), 16 * (i - 1));
      table.writeBigUInt64LE(BigInt(part.length), 16 * (i - 1) + 8);
    }
    const filler = Buffer.alloc((pageSize - (part.length % pageSize)) % pageSize);
    pieces.push(part, filler);
    at += part.length + filler.length;
  }
  table.write('nerdctl-contents', 16 * (parts.length - 1), 'latin1');
  return Buffer.concat([...pieces, table]);
}

const [bun = '', out = ''] = process.argv.slice(2);
const loader = loaders[process.arch as keyof typeof loaders];
mkdirSync(work, { recursive: true });
const launcher = compileLauncher();
const program = await compileProgram(resolve(bun), launcher);
const cLibrary = [loader, ...libraries.map((name) => run('cc', [`-print-file-name=${name}`]))].map((path) =>
  readFileSync(path),
);
const fresh = `${out}.new`;
writeFileSync(fresh, assemble([launcher, program, ...cLibrary]));
chmodSync(fresh, 0o755);
renameSync(fresh, out);
rmSync(work, { recursive: true });
