import { execFileSync } from 'node:child_process';
import { systemdBooted } from '../../src/host/cgroups.ts';
import { type Lane, laneFromEnv } from './lane-env.ts';
import { run } from './program.ts';
import { makeRootlessUser, type RootlessUser } from './rootless-user.ts';

/** Whose engine the files of a lane without root work with. */
export type TestUser = Pick<RootlessUser, 'uid' | 'home' | 'runtimeDir'> & {
  /** RootlessKit's. */
  stateDir: string;
};

/** Why a test does not run in such a lane: for `skip:`. @param what `may not mount`, as of a user without root */
export function userCannot(what: string): string | undefined {
  return laneFromEnv().user && `a user without root ${what}`;
}

/** Of tests that end containerd alone. */
export const restartContainerd = 'has no containers left when containerd ends';
/** Why containers have no cgroups in this lane, and cannot be paused: for `skip:`. systemd gives them to its users. */
export function lacksCgroups(): string | undefined {
  return systemdBooted() ? undefined : userCannot('has no cgroups of their own in a sandbox');
}
/** Of overlayfs in a user namespace on the sandbox's tmpfs. */
export function lacksWhiteouts(): string | undefined {
  if (systemdBooted()) return undefined;
  return userCannot('has overlays on a tmpfs, whose files cannot note that a directory was removed');
}

export interface Command {
  file: string;
  args: string[];
  env: Record<string, string>;
  uid?: number;
  gid?: number;
  cwd?: string;
}

export interface UserLane {
  lane: Lane;
  /** What to spawn in place of a command, so that it is the user's. */
  as(command: Command): Command;
  stop(): Promise<void>;
}

/** Inside a sandbox, as root: a user, the user's engine, and the lane as this user sees it. */
export async function startUserLane(lane: Lane): Promise<UserLane> {
  const rootlesskit = /^v?1\.6\./.test(lane.source.version) ? 1 : 2;
  const user = makeRootlessUser({ rootlesskit }, lane);
  const { uid, env, seen, program } = user;
  const { code, stderr } = await user.setuptool(['start']);
  if (code !== 0) throw new Error(`the engine of a user does not start: ${stderr}`);
  // Paths, lists of them, and what stays as it is.
  const asSeen = (_key: string, value: unknown) =>
    typeof value === 'string' ? value.split(':').map(seen).join(':') : value;
  const seenLane = JSON.parse(JSON.stringify(lane), asSeen) as Lane;
  return {
    lane: laneOf(seenLane, user),
    as: (command) => ({
      ...command,
      env: { ...command.env, ...env, NERDCTL_TEST_PROGRAM: program },
      uid,
      gid: uid,
      cwd: seen(process.cwd()),
    }),
    stop: user.remove,
  };
}

/** Inside a machine with systemd, as root: a user who has logged in, with an engine that is a unit of this user's. */
export async function startSession(lane: Lane): Promise<UserLane> {
  const name = 'user';
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', name]);
  execFileSync('loginctl', ['enable-linger', name]);
  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
  const login = [`--uid=${name}`, '--property=PAMName=login', '--same-dir', '--quiet', '--wait', '--pipe'];
  const as: UserLane['as'] = ({ file, args, env }) => {
    const variables = Object.keys(env).map((key) => `--setenv=${key}`);
    return { file: 'systemd-run', args: [...login, ...variables, file, ...args], env };
  };
  const install = as({ file: 'containerd-rootless-setuptool.sh', args: ['install'], env: { PATH: process.env.PATH! } });
  const { code, stderr } = await run(install.file, install.args);
  if (code !== 0) throw new Error(`the engine of a user does not start: ${stderr}`);
  const user = { uid, home: `/home/${name}`, runtimeDir: `/run/user/${uid}` };
  return { lane: laneOf(lane, user), as, stop: async () => {} };
}

function laneOf(lane: Lane, { uid, home, runtimeDir }: Omit<TestUser, 'stateDir'>): Lane {
  const engineDir = `${runtimeDir}/containerd`;
  const own = { engineDir, engineRoot: `${home}/.local/share/containerd`, address: `${engineDir}/containerd.sock` };
  return { ...lane, ...own, dir: home, user: { uid, home, runtimeDir, stateDir: `${runtimeDir}/containerd-rootless` } };
}
