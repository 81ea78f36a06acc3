import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { manPages, markdownPages } from '../../scripts/docs.ts';
import { texts } from '../../scripts/reference/texts.ts';
import { runProgram } from '../../src/cli/program.ts';
import { followPath } from '../../src/cli/tree.ts';
import { commandTable } from '../../src/commands/index.ts';

const committed = resolve(import.meta.dirname, '../../docs/commands');

test('docs/commands is what `npm run docs` makes', async () => {
  const made = await markdownPages();
  const hint = 'run: npm run docs';
  assert.deepEqual(readdirSync(committed).sort(), [...made.keys()].sort(), hint);
  for (const [name, content] of made) assert.equal(readFileSync(join(committed, name), 'utf8'), content, hint);
});

test('every text of the reference is that of a command', () => {
  const lost = Object.entries(texts).flatMap(([path, { see = [] }]) =>
    [path, ...see].filter((each) => each !== '' && followPath(commandTable, each.split(' ')).rest.length > 0),
  );
  assert.deepEqual(lost, []);
});

/** The commands of a line of sh, without pipes, redirections and quotes. */
function calls(line: string): string[][] {
  return [
    ...line.replaceAll(/\$\(([^()]*)\)/g, ' X').split(/[|;\n]/),
    ...[...line.matchAll(/\$\(([^()]*)\)/g)].map(([, inner]) => inner ?? ''),
  ]
    .map((each) =>
      [...each.replace(/>.*/, '').matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word.replaceAll(/["']/g, '')),
    )
    .filter(([program]) => program === 'nerdctl')
    .map(([, ...words]) => words);
}

describe('the examples have flags that there are', () => {
  const examples = Object.values(texts).flatMap(({ examples: all = [] }) => all.flatMap(({ run }) => run.split('\n')));
  for (const line of examples)
    test(line, async () => {
      for (const words of calls(line)) {
        let ran = false;
        const run = async () => {
          ran = true;
          return 0;
        };
        const host = { name: 'nerdctl', table: commandTable, version: '0', print: () => {}, run };
        await runProgram(host, words);
        assert.ok(ran, words.join(' '));
      }
    });
});

function lacks(program: string): string | false {
  return spawnSync(program, ['-h']).error === undefined ? false : `this machine lacks ${program}`;
}

describe('man pages', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nerdctl-man-'));
  after(() => rmSync(dir, { recursive: true }));
  const files = manPages().then((pages) =>
    [...pages]
      .filter(([, content]) => !content.startsWith('.so '))
      .map(([name, content]) => {
        writeFileSync(join(dir, name), content);
        return join(dir, name);
      }),
  );

  test('are what mandoc likes', { skip: lacks('mandoc') }, async () => {
    const { stdout, stderr } = spawnSync('mandoc', ['-Tlint', '-Wwarning', ...(await files)], { encoding: 'utf8' });
    assert.equal(stdout + stderr, '');
  });

  test('are what groff likes', { skip: lacks('groff') }, async () => {
    const { stderr } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-z', ...(await files)], { encoding: 'utf8' });
    assert.equal(stderr, '');
  });

  test('lead from every other name of a command to its page', async () => {
    const pages = await manPages();
    const wrong = [...pages].filter(
      ([, text]) => text.startsWith('.so ') && !pages.has(text.trim().slice('.so man1/'.length)),
    );
    assert.deepEqual(wrong, []);
  });
});
