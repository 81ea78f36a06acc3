import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { openBox, temporaryDir } from '../harness/box.ts';
import { type BuildKit, lacksBuildx } from '../harness/buildkit.ts';
import { builtProgram, type Result } from '../harness/program.ts';
import { openTerminal } from '../harness/pty.ts';
import { openScreen } from '../harness/screen.ts';

// What people see of a build: the same as of docker-buildx on the same BuildKit.
const box = openBox(import.meta.url);
const skip = lacksBuildx({ docker: '28.5' });
let buildkit: BuildKit;
const env = (): Record<string, string> => ({ BUILDKIT_HOST: buildkit.address });
const contexts = temporaryDir(box);

before(async () => {
  if (skip !== undefined) return;
  buildkit = await box.buildkit({ docker: '28.5' });
  await buildkit.docker.run(['load', '-i', box.lane.archive]);
  // The first build unpacks the base.
  await buildkit.buildx(['build', '-o', 'type=cacheonly', context('first', 'FROM bb\nRUN true\n')]);
});

function context(name: string, dockerfile: string): string {
  const dir = join(contexts, name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'Dockerfile'), dockerfile);
  writeFileSync(join(dir, 'file'), 'text\n');
  return dir;
}

/**
 * Times and checksums differ; so do the words on who builds, the order of what goes on side by side, and what was seen of
 * a transfer, and of the warnings that are listed below, before the step had ended.
 */
function normalise(text: string): string {
  const lines = text
    .replaceAll(/^#0 building with .*$/gm, '#0 building')
    .replaceAll(/^(#\d+ )[\d.]+ /gm, '$1T ')
    .replaceAll(/^[\d.]+ (?=\S)/gm, 'T ')
    .replaceAll(/ \d+\.\ds\b/g, '')
    .replaceAll(/ref \w+::\w+/g, 'ref R')
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:D')
    .replaceAll(/^#\d+ (transferring|copying|sending|exporting|resolve) .*(?<! done)\n/gm, '')
    .replaceAll(/^#\d+ (\.\.\.|WARN: .*)\n/gm, '')
    .replaceAll(/\x1b\[\d+m/g, '')
    .replaceAll('nerdctl --debug', 'docker --debug');
  // A step that was interrupted has several paragraphs, and one whose end was told twice several ends: the last one counts.
  const steps = new Map<string, string[]>();
  for (const [, number = '', line = ''] of lines.matchAll(/^#(\d+) (.*)$/gm)) {
    const known = (steps.get(number) ?? []).filter((each) => !/^(DONE|CACHED)$/.test(each));
    steps.set(number, known.includes(line) && known[0] === line ? known : [...known, line]);
  }
  const rest = lines.replaceAll(/^(#\d+ .*|)\n/gm, '').split('\n');
  // buildx shuffles the warnings.
  const warnings = rest.filter((line) => line.startsWith(' - ')).sort();
  const parts = [...steps.values()].map((step) => step.join('\n')).sort();
  return [...parts, ...warnings, ...rest.filter((line) => !line.startsWith(' - '))].join('\n');
}

/** Both build the same; the steps of the first are not left in the cache for the second. */
async function compare(args: (to: string) => string[]): Promise<Result> {
  const theirs = await buildkit.buildx(['build', '--no-cache', ...args(temporaryDir(box))]);
  const ours = await box.nerdctl(['build', '--no-cache', ...args(temporaryDir(box))], { env: env() });
  assert.equal(normalise(ours.stderr), normalise(theirs.stderr));
  assert.equal(normalise(ours.stdout), normalise(theirs.stdout));
  assert.equal(ours.code, theirs.code);
  return ours;
}

const plain: [string, string, number, RegExp][] = [
  [
    'steps',
    'FROM bb AS one\nRUN echo a; sleep 0.2; echo b >&2\nFROM one\nCOPY file /\nRUN ["echo", "c"]\n',
    0,
    /#\d RUN|RUN echo a/,
  ],
  ['a step that fails', 'FROM bb\nRUN for i in $(seq 20); do echo $i; done; exit 3\n', 1, /^ {3}2 \| >>> RUN/m],
  ['a missing file', 'FROM bb\nCOPY nothing \\\n  /\nRUN true\n', 1, /^ERROR: failed to build: .*not found$/m],
  ['a broken Dockerfile', 'FROM bb\nRUNN true\n', 1, /unknown instruction: RUNN/],
  ['warnings', 'FROM bb as x\nENV a b\nLABEL c d\n', 0, /^ 3 warnings found/m],
];
for (const [name, dockerfile, code, shows] of plain) {
  test(`plain output of ${name}`, { skip }, async () => {
    const dir = context(name.replaceAll(' ', '-'), dockerfile);
    const result = await compare((to) => ['--progress=plain', '-o', to, dir]);
    assert.equal(result.code, code);
    assert.match(result.stderr, shows);
  });
}

test('a check, as text and as JSON', { skip }, async () => {
  const dir = context('check', 'FROM bb as x\nENV a b\n');
  const { code, stdout } = await compare(() => ['--progress=plain', '--check', dir]);
  assert.equal(code, 1);
  assert.match(stdout, /^WARNING: LegacyKeyValueFormat/m);
});

test('the last picture on a terminal', { skip }, async () => {
  const dir = context('terminal', 'FROM bb\nRUN echo a; sleep 0.4; echo b\nCOPY file /\nRUN exit 7\n');
  const [columns, rows] = [90, 30];
  const show = async (file: string, environment: Record<string, string>): Promise<string[]> => {
    const args = ['build', '--no-cache', '-o', temporaryDir(box), dir];
    const terminal = openTerminal(file, args, { env: environment, columns, rows });
    const { code } = await terminal.ended;
    assert.equal(code, 1);
    const screen = openScreen(columns, rows);
    screen.write(`\r\n${terminal.screen()}`);
    const lines = screen
      .styled()
      .map((line) => line.replace(/ +\d+\.\ds(?=\{\}$|$)/, ' T').replace(/^T? *[\d.]+ (?=[ab]$)/, ''));
    return lines.map((line) =>
      line.replace(/^(\[\+\] Building) \d+\.\ds (.*?) +\S+$/, '$1 $2').replace(/: [\d.]+k?B/, ': SIZE'),
    );
  };
  const theirs = await show(buildkit.buildxPath!, buildkit.env);
  const ours = await show(builtProgram, { ...env(), CONTAINERD_NAMESPACE: box.namespace });
  assert.deepEqual(ours.sort(), theirs.sort());
});
