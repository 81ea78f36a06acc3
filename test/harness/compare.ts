import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { laneFromEnv } from './lane-env.ts';
import { builtProgram, type Result, type RunOptions, run } from './program.ts';

/** One of the two programs that play a scenario. */
export interface Player {
  readonly program: 'docker' | 'nerdctl';
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
}

/** What a step of a scenario showed; both players must show the same. */
export type Seen = Record<string, unknown>;

const lane = laneFromEnv();

function player(program: Player['program']): Player {
  const file = program === 'docker' ? 'docker' : builtProgram;
  const env = program === 'docker' ? { DOCKER_HOST: lane.dockerHost } : { CONTAINERD_NAMESPACE: `${lane.tag}-compat` };
  return { program, run: (args, o = {}) => run(file, args, { ...o, env: { ...env, ...o.env } }) };
}

/** Ids, times, sizes, addresses and random names differ between two runs of one program too. */
export function normalise(text: string): string {
  return text
    .replaceAll(/\r\n/g, '\n')
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:ID')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'SHORTID')
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z| ?[+-]\d\d:?\d\d)?( UTC)?/g, 'TIME')
    .replaceAll(/(About an?|Less than an?|\d+) (second|minute|hour|day|week|month|year)s?( ago)?/g, 'AGE')
    .replaceAll(/\b(10\.4|172\.\d+)\.\d+\.\d+\b/g, 'ADDRESS')
    .replaceAll(/\b[\d.]+ ?[kMG]?B\b/g, 'SIZE')
    .replaceAll(/\b(docker|nerdctl)\b/g, 'PROGRAM')
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/ {2,}/g, '  ');
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

/** Plays one scenario with docker, then with us, and compares what was seen, step by step. */
export function scenario(
  name: string,
  play: (player: Player, see: (what: string, seen: unknown) => void) => Promise<void>,
): void {
  test(name, async () => {
    const seen = { docker: {} as Seen, nerdctl: {} as Seen };
    for (const program of ['docker', 'nerdctl'] as const) {
      await play(player(program), (what, value) => {
        seen[program][what] = value;
      });
    }
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
    ...(stderr && { stderr: normalise(result.stderr) }),
  });
  return result.stdout.trim();
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
