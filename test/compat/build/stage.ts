import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BuildKit, type BuildKitOptions, startBuildKit } from '../../harness/buildkit.ts';
import { laneFromEnv } from '../../harness/lane-env.ts';
import { run } from '../../harness/program.ts';
import { showTree } from '../../harness/shown-tree.ts';
import type { BuildCase } from './case.ts';
import { type Progress, readProgress } from './progress.ts';
import { digests, results } from './results.ts';
import { startAgent, writeKey } from './ssh.ts';
import { startWeb } from './web.ts';

/** The client whose words ours are; the daemon that Debian 13 has. */
export const reference: BuildKitOptions = { docker: '26.1', buildx: '0.29' };

export type PlayerName = 'buildx' | 'nerdctl';

/** What a program showed of one case. */
export interface Shown {
  code: number;
  stdout: string;
  progress: Progress;
  results: Record<string, unknown>;
}

export interface Stage {
  play(who: PlayerName, dir: string): Promise<Shown & { stderr: string }>;
  /** The directory of one case, with its files. */
  lay(build: BuildCase): string;
  close(): Promise<void>;
}

/** One BuildKit, and all that the cases find around them. */
export async function openStage(): Promise<Stage> {
  const lane = laneFromEnv();
  const dir = mkdtempSync(join(lane.dir, 'corpus-'));
  chmodSync(dir, 0o755);
  const buildkit = await startBuildKit(`${lane.tag}-corpus`, reference);
  const loaded = await buildkit.docker.run(['load', '-i', lane.archive]);
  if (loaded.code !== 0) throw new Error(`load: ${loaded.stderr}`);
  // Somebody without rights runs both as well.
  const { seen, program, hide } = showTree(dir);
  let laid = 0;
  const agent = await startAgent(dir);
  const web = await startWeb(dir);
  const key = writeKey(dir);
  const env = await playerEnv(buildkit, dir);
  const files = {
    buildx: seen(buildkit.buildxPath!),
    nerdctl: program,
  };

  return {
    lay: (build) => lay(build, mkdtempSync(join(dir, 'case-')), 1_600_000_000 + laid++),
    play: async (who, place) => {
      const out = mkdtempSync(join(dir, `${who}-`));
      chmodSync(out, 0o777);
      const build = `${files[who]} build --progress=plain`;
      const variables = {
        ...env,
        PLAYER: who,
        B: `${build} --no-cache`,
        C: build,
        Q: `${files[who]} build --no-cache -q`,
        OUT: out,
        OCI: `-o type=oci,dest=${out}/image.tar`,
        URL: web.url,
        KEY: key,
        AGENT: agent.socket,
        PRUNE: `${files.buildx} prune -af`,
        OTHER_USER: `setpriv --reuid 65534 --regid 65534 --clear-groups env BUILDX_CONFIG=${env.BUILDX_CONFIG}.other`,
      };
      const line = join(place, 'line');
      const { code, stdout, stderr } = await run('sh', [line], { cwd: join(place, 'dir'), env: variables, input: '' });
      const own = (text: string) =>
        digests(text).replaceAll(out, 'OUT').replaceAll(web.url, 'URL').replaceAll(dir, 'DIR');
      const shown = {
        code,
        stderr,
        stdout: own(stdout),
        progress: readProgress(own(stderr)),
        // What failed may have left the beginning of something, or nothing.
        results: code === 0 ? await results(out) : {},
      };
      rmSync(out, { recursive: true });
      return shown;
    },
    close: async () => {
      agent.close();
      web.close();
      await buildkit.stop();
      hide();
      rmSync(dir, { recursive: true });
    },
  };
}

async function playerEnv(buildkit: BuildKit, dir: string): Promise<Record<string, string>> {
  const home = join(dir, 'home');
  mkdirSync(home);
  chmodSync(buildkit.docker.socket, 0o666);
  chmodSync(buildkit.address.replace('unix://', ''), 0o666);
  chmodSync(dirname(buildkit.docker.socket), 0o711);
  // buildx notes there what it builds, also when somebody else runs it.
  const env = { ...buildkit.env, HOME: home, BUILDX_CONFIG: join(home, 'buildx') };
  await buildkit.buildx(['version']);
  execFileSync('cp', ['-R', buildkit.env.BUILDX_CONFIG!, env.BUILDX_CONFIG]);
  execFileSync('cp', ['-R', env.BUILDX_CONFIG, `${env.BUILDX_CONFIG}.other`]);
  execFileSync('chmod', ['-R', 'a+rwX', home]);
  return env;
}

/**
 * The files of a case. All have one time, unless the case makes its own, and no two cases have the same: buildx tells the
 * daemon to keep the files of `.` from one build to the next, whichever directory that is.
 */
function lay({ dockerfile, files = {}, setup, line }: BuildCase, place: string, time: number): string {
  const dir = join(place, 'dir');
  mkdirSync(dir);
  const texts = dockerfile === undefined ? files : { ...files, Dockerfile: dockerfile };
  for (const [path, body] of Object.entries(texts)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), body);
  }
  if (setup !== undefined) execFileSync('sh', ['-ec', setup], { cwd: dir });
  execFileSync('sh', ['-c', `[ -e keep-times ] || find . -exec touch -h -d @${time} {} +`], { cwd: dir });
  writeFileSync(join(place, 'line'), line ?? '$B $OCI .');
  for (const each of [place, dir]) chmodSync(each, 0o755);
  return place;
}
