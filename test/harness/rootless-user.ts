import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { laneFromEnv } from './lane-env.ts';
import { type Result, type Running, type RunOptions, run, start } from './program.ts';
import { showTree } from './shown-tree.ts';

const setuptool = fileURLToPath(new URL('../../rootless/containerd-rootless-setuptool.sh', import.meta.url));

/** A user of the sandbox, who may have subordinate ids and nothing else. */
export interface RootlessUser {
  name: string;
  uid: number;
  home: string;
  runtimeDir: string;
  /** Where this user sees a file of the source tree, which may be below somebody's home. */
  seen(path: string): string;
  /** The program that is tested, as this user sees it. */
  program: string;
  /** A directory of programs that only this user has, first on the PATH: the test adds and removes. */
  bin: string;
  env: Record<string, string>;
  run(file: string, args: readonly string[], options?: RunOptions): Promise<Result>;
  start(file: string, args: readonly string[], options?: RunOptions): Running;
  /** containerd-rootless-setuptool.sh. */
  setuptool(args: readonly string[], options?: RunOptions): Promise<Result>;
  nerdctl(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** Stops the user's containerd and removes the user. */
  remove(): Promise<void>;
}

export interface RootlessUserOptions {
  rootlesskit?: 1 | 2;
  /** Also one that `useradd` would not like: a directory service has others. */
  name?: string;
  /** The name of the home directory: one with a blank in it is allowed. */
  homeName?: string;
}

/** The capability that this machine lacks, or undefined: made for `skip:`. */
export function lacksRootless(): string | undefined {
  const { rootless } = laneFromEnv();
  if (rootless === undefined || 'missing' in rootless)
    return `this machine lacks RootlessKit: ${rootless?.missing ?? 'not looked for'}`;
  return existsSync('/dev/net/tun') ? undefined : 'this machine lacks /dev/net/tun (modprobe tun)';
}

/** Makes a user in the /etc of the sandbox; home and runtime directory are on its tmpfs. */
export function makeRootlessUser(options: RootlessUserOptions = {}, lane = laneFromEnv()): RootlessUser {
  const source = lane.rootless;
  if (source === undefined || 'missing' in source) throw new Error(lacksRootless());
  const name = options.name ?? `nrl${randomBytes(4).toString('hex')}`;
  const dir = mkdtempSync(join(lane.dir, 'user-'));
  chmodSync(dir, 0o755);
  const home = join(dir, options.homeName ?? 'home');
  execFileSync('useradd', ['--badname', '--create-home', '--home-dir', home, '--shell', '/bin/sh', name], {
    stdio: 'pipe',
  });
  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
  const runtimeDir = join(dir, 'run');
  mkdirSync(runtimeDir, { mode: 0o700 });
  chownSync(runtimeDir, uid, uid);
  const { seen, program, hide } = showTree(dir);
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const rootlesskit = source.rootlesskit[options.rootlesskit ?? 1];
  // The last two: what a dockerd without root asks for, and what check asks.
  for (const file of [rootlesskit, source.slirp4netns, `${rootlesskit}-docker-proxy`, source.getsubids])
    symlinkSync(seen(file), join(bin, basename(file)));
  // Unpacked by somebody who is not root they have lost what makes them work.
  for (const program of ['newuidmap', 'newgidmap'] as const) {
    copyFileSync(source[program], join(bin, program));
    chownSync(join(bin, program), 0, 0);
    chmodSync(join(bin, program), 0o4755);
  }
  const path = [bin, ...lane.source.path.split(':').map(seen), dirname(program), '/usr/bin', '/bin'].join(':');
  const clean = Object.fromEntries(Object.keys(process.env).map((key) => [key, undefined]));
  const own = { HOME: home, USER: name, PATH: path, XDG_RUNTIME_DIR: runtimeDir, CNI_PATH: seen(lane.source.cniPath) };
  const as = (o: RunOptions): RunOptions => ({ cwd: '/', ...o, uid, gid: uid, env: { ...clean, ...own, ...o.env } });
  const user: RootlessUser = {
    name,
    uid,
    home,
    runtimeDir,
    seen,
    program,
    bin,
    env: own,
    run: (file, args, o = {}) => run(file, args, as(o)),
    start: (file, args, o = {}) => start(file, args, as(o)),
    setuptool: (args, o = {}) => user.run(seen(setuptool), args, o),
    nerdctl: (args, o = {}) => user.run(program, args, o),
    remove: async () => {
      await user.setuptool(['stop', '--time', '0']);
      execFileSync('userdel', [name], { stdio: 'pipe' });
      hide();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return user;
}
