import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
export const archiveKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The package mirror that this machine's own apt uses for Debian, or undefined where there is none. */
export async function debianMirror(): Promise<string | undefined> {
  const { stdout } = await exec('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']).catch(
    () => ({ stdout: '' }),
  );
  return stdout.split('\n').find((line) => /\/debian\/?$/.test(line));
}

/** An apt that knows one suite only and keeps all its state below `dir`: the machine's own apt is not touched. */
async function isolatedApt(dir: string, suite: string, mirror: string): Promise<NodeJS.ProcessEnv> {
  for (const sub of ['lists/partial', 'cache/archives/partial', 'etc/apt.conf.d', 'etc/preferences.d', 'state']) {
    mkdirSync(join(dir, sub), { recursive: true });
  }
  const { stdout: arch } = await exec('dpkg', ['--print-architecture']);
  writeFileSync(join(dir, 'state/status'), '');
  writeFileSync(
    join(dir, 'etc/suite.sources'),
    `Types: deb\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\nSigned-By: ${archiveKeyring}\n`,
  );
  // Suites in the making are often past their Valid-Until date.
  writeFileSync(
    join(dir, 'apt.conf'),
    `Dir "${dir}/";
Dir::State "${dir}/state/";
Dir::State::status "${dir}/state/status";
Dir::State::lists "${dir}/lists/";
Dir::Cache "${dir}/cache/";
Dir::Etc "${dir}/etc/";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${dir}/etc/";
APT::Architecture "${arch.trim()}";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "3";
APT::Sandbox::User "";
`,
  );
  return { ...process.env, APT_CONFIG: join(dir, 'apt.conf'), LC_ALL: 'C' };
}

/** Something, or the capability that this machine lacks for it. */
/** The lists of an hour ago are as good, and take longer than the packages. */
async function updateLists(dir: string, env: NodeJS.ProcessEnv): Promise<void> {
  const stamp = join(dir, 'updated');
  if (existsSync(stamp) && Date.now() - statSync(stamp).mtimeMs < 3_600_000) return;
  await exec('apt-get', ['-qq', 'update'], { env });
  writeFileSync(stamp, '');
}

export type Found<T> = T | { missing: string };

/** What cannot be had is not asked for again by each lane: without a network that takes its time. */
const attempts = new Map<string, Promise<Found<{ root: string }>>>();
/** One apt at a time for each suite. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Downloads Debian packages of one suite and unpacks them below `cache/<suite>/<into>`, installing nothing.
 * A second call with the same packages finds them there.
 */
export function unpackDebs(
  cache: string,
  suite: string,
  packages: readonly string[],
  into = 'root',
): Promise<Found<{ root: string }>> {
  const key = [cache, suite, into, ...packages].join(' ');
  const known = attempts.get(key);
  if (known !== undefined) return known;
  const before = queues.get(suite) ?? Promise.resolve();
  const attempt = before.then(() => download(cache, suite, packages, into));
  queues.set(suite, attempt);
  attempts.set(key, attempt);
  return attempt;
}

async function download(
  cache: string,
  suite: string,
  packages: readonly string[],
  into: string,
): Promise<Found<{ root: string }>> {
  const dir = join(cache, suite);
  const root = join(dir, into);
  const stamp = join(dir, `have-${packages.join('+')}`);
  if (existsSync(stamp)) return { root };
  if (!existsSync(archiveKeyring)) return { missing: `Debian's archive keyring (package debian-archive-keyring)` };
  const mirror = await debianMirror();
  if (mirror === undefined) return { missing: 'a Debian mirror in the apt sources' };
  try {
    const env = await isolatedApt(join(dir, 'apt'), suite, mirror);
    await updateLists(join(dir, 'apt'), env);
    const debs = join(dir, 'debs');
    rmSync(debs, { recursive: true, force: true });
    mkdirSync(debs, { recursive: true });
    await exec('apt-get', ['-qq', 'download', ...packages], { env, cwd: debs });
    mkdirSync(root, { recursive: true });
    for (const deb of readdirSync(debs)) await exec('dpkg-deb', ['-x', join(debs, deb), root]);
    writeFileSync(`${stamp}.new`, '');
    renameSync(`${stamp}.new`, stamp);
    return { root };
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const reason = (stderr || message).trim().split('\n').pop();
    return { missing: `Debian's ${suite} packages (${packages.join(', ')}): ${reason}` };
  }
}

/** Directories of one unpacked suite that hold shared libraries. */
export function libraryDirs(root: string): string[] {
  const tops = [join(root, 'usr/lib'), join(root, 'lib')].filter((top) => existsSync(top));
  return tops.flatMap((top) => {
    const names = readdirSync(top).filter((name) => name.endsWith('-linux-gnu'));
    return [top, ...names.map((name) => join(top, name))];
  });
}
