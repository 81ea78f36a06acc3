import { delegatedControllers } from '../../src/host/cgroups.ts';
import { type Lane, laneFromEnv } from './lane-env.ts';
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
/** Of overlayfs in a user namespace on the sandbox's tmpfs. */
export const removeDirectories = 'has overlays on a tmpfs, whose files cannot note that a directory was removed';
/** Why limits and pause do not work in this lane: for `skip:`. Nothing is delegated to the users of a sandbox. */
export function lacksCgroups(): string | undefined {
  const { user } = laneFromEnv();
  const isDelegated = user !== undefined && delegatedControllers(user.uid).length > 0;
  return isDelegated ? undefined : userCannot('has no cgroups of their own in a sandbox');
}

export interface UserLane {
  lane: Lane;
  uid: number;
  /** The source tree as the user sees it. */
  cwd: string;
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** Inside a sandbox, as root: a user, the user's engine, and the lane as this user sees it. */
export async function startUserLane(lane: Lane): Promise<UserLane> {
  const rootlesskit = /^v?1\.6\./.test(lane.source.version) ? 1 : 2;
  const user = makeRootlessUser({ rootlesskit }, lane);
  const { uid, home, runtimeDir, env, seen, program } = user;
  const { code, stderr } = await user.setuptool(['start']);
  if (code !== 0) throw new Error(`the engine of a user does not start: ${stderr}`);
  const engineDir = `${runtimeDir}/containerd`;
  // Paths, lists of them, and what stays as it is.
  const asSeen = (_key: string, value: unknown) =>
    typeof value === 'string' ? value.split(':').map(seen).join(':') : value;
  const seenLane = JSON.parse(JSON.stringify(lane), asSeen) as Lane;
  const own = { ...seenLane, engineDir, address: `${engineDir}/containerd.sock`, dir: home };
  return {
    lane: { ...own, user: { uid, home, runtimeDir, stateDir: `${runtimeDir}/containerd-rootless` } },
    uid,
    cwd: seen(process.cwd()),
    env: { ...env, NERDCTL_TEST_PROGRAM: program },
    stop: user.remove,
  };
}
