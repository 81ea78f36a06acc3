import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { laneFromEnv } from './lane-env.ts';
import { builtProgram, type Result, type RunOptions, run } from './program.ts';
import { openTerminal, type Terminal } from './pty.ts';
import { words } from './words.ts';

/** One of the two programs that play a scenario. */
export interface Player {
  readonly program: 'docker' | 'nerdctl';
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** A line of sh in which $D is the program, $P and the four after it are ports of its own, and 10.$N.0.0/16 is. */
  shell(line: string): Promise<Result>;
  terminal(args: readonly string[]): Terminal;
}

/** What a step of a scenario showed; both players must show the same. */
export type Seen = Record<string, unknown>;

const lane = laneFromEnv();

function player(program: Player['program']): Player {
  const file = program === 'docker' ? 'docker' : builtProgram;
  const env = program === 'docker' ? { DOCKER_HOST: lane.dockerHost } : { CONTAINERD_NAMESPACE: `${lane.tag}-compat` };
  // Both play at the same time: what a machine has once is given to each.
  const own = program === 'docker' ? { P: '8600', N: '61' } : { P: '8700', N: '71' };
  let dir: string | undefined;
  return {
    program,
    run: (args, o = {}) => run(file, args, { ...o, env: { ...env, ...o.env } }),
    shell: (line) => {
      dir ??= mkdtempSync(join(lane.dir, `${program}-`));
      return run('sh', ['-c', line], { cwd: dir, env: { ...env, ...own, D: file }, input: '' });
    },
    terminal: (args) => openTerminal(file, args, { env }),
  };
}

/** Ids, times, sizes, addresses and random names differ between two runs of one program too. */
export function normalise(text: string): string {
  return (
    text
      .replaceAll(/\r\n/g, '\n')
      .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:ID')
      .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
      .replaceAll(/\b[0-9a-f]{12}\b/g, 'SHORTID')
      .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z| ?[+-]\d\d:?\d\d)?( UTC)?/g, 'TIME')
      .replaceAll(/(About an?|Less than an?|\d+) (second|minute|hour|day|week|month|year)s?( ago)?/g, 'AGE')
      .replaceAll(/\b(10\.4|172\.\d+)\.\d+\.\d+\b/g, 'ADDRESS')
      .replaceAll(/\b10\.[67]1\./g, '10.N.')
      .replaceAll(/\b8[67]0(\d)\b/g, 'PORT$1')
      // docker's proxy listens for IPv6 too, where the machine has it; CNI's portmap needs containers with such addresses
      .replaceAll(/, \[::\]:PORT\d->[\w/-]+/g, '')
      .replaceAll(/^(\S+ -> )?\[::\]:PORT\d\n/gm, '')
      .replaceAll(/\b[\d.]+ ?[kMG]?B\b/g, 'SIZE')
      .replaceAll(/\b(docker|nerdctl)\b/g, 'PROGRAM')
      .replaceAll(/[ \t]+$/gm, '')
      .replaceAll(/ {2,}/g, '  ')
  );
}

/** The skeleton of a JSON value: keys, and the types of what they hold. */
export function shape(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, shape(inner)]),
  );
}

/** The paths of `expected` that `actual` lacks or holds with another type; more than docker has is no difference. */
export function lacking(expected: unknown, actual: unknown, path = ''): string[] {
  const kind = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
  if (actual === undefined) return [`${path}: missing`];
  // A list that docker leaves null may be empty, and the other way round.
  const isNothing = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
  if (isNothing(expected) && (isNothing(actual) || Array.isArray(actual))) return [];
  if (kind(expected) !== kind(actual)) return [`${path}: ${kind(actual)} instead of ${kind(expected)}`];
  if (Array.isArray(expected)) {
    return expected.length > 0 && Array.isArray(actual) && actual.length > 0
      ? lacking(expected[0], actual[0], `${path}[]`)
      : [];
  }
  if (typeof expected !== 'object' || expected === null) return [];
  return Object.entries(expected).flatMap(([key, value]) =>
    lacking(value, (actual as Record<string, unknown>)[key], `${path}.${key}`),
  );
}

/** Plays one scenario with docker and with us, at the same time, and compares what was seen, step by step. */
export function scenario(
  name: string,
  play: (player: Player, see: (what: string, seen: unknown) => void) => Promise<void>,
): void {
  test(name, async () => {
    const seen = { docker: {} as Seen, nerdctl: {} as Seen };
    const plays = (['docker', 'nerdctl'] as const).map((program) =>
      play(player(program), (what, value) => {
        seen[program][what] = value;
      }),
    );
    await Promise.all(plays);
    assert.deepEqual(seen.nerdctl, seen.docker);
  });
}

export interface StepOptions extends RunOptions {
  /** Compare stderr as well: docker's words are part of the contract here. */
  stderr?: boolean;
}

/** A command line whose exit code and stdout both players must agree on. */
export async function step(
  who: Player,
  see: (what: string, seen: unknown) => void,
  args: readonly string[],
  o: StepOptions = {},
): Promise<string> {
  const { stderr, ...options } = o;
  const result = await who.run(args, options);
  see(args.join(' '), {
    code: result.code,
    stdout: normalise(result.stdout),
    ...(stderr && { stderr: words(normalise(result.stderr)) }),
  });
  return result.stdout.trim();
}

/** A line that names a container may leave it, for the next one to trip over. */
const cleanUp = 'ids=$($D ps -aq) && [ -n "$ids" ] && $D rm -f -v $ids >/dev/null 2>&1';

/**
 * Command lines as people type them, one of sh a line (see Player.shell; `#` begins a remark): both programs must agree on
 * exit code, stdout and the sentences on stderr.
 */
export function lines(title: string, table: string): void {
  const both = [player('docker'), player('nerdctl')];
  const all = table.split('\n').map((line) => line.trim());
  for (const line of all.filter((text) => text !== '' && !text.startsWith('#'))) {
    test(`${title}: ${line}`, async () => {
      const seen = both.map(async (who) => {
        const { code, stdout, stderr } = await who.shell(line);
        if (/--name|run -d/.test(line)) await who.shell(cleanUp);
        return { code, stdout: normalise(stdout), stderr: words(normalise(stderr)) };
      });
      const [docker, nerdctl] = await Promise.all(seen);
      assert.deepEqual(nerdctl, docker);
    });
  }
}

/** Loads the test images into both; removes every container at the end. */
export function prepareBoth(): Player[] {
  const both = [player('docker'), player('nerdctl')];
  before(async () => {
    for (const { run: play, program } of both) {
      const { code, stderr } = await play(['load', '-i', lane.archive]);
      assert.equal(code, 0, `${program} load: ${stderr}`);
    }
  });
  after(async () => {
    for (const { run: play } of both) {
      const ids = (await play(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
      if (ids.length > 0) await play(['rm', '-f', '-v', ...ids]);
    }
  });
  return both;
}
