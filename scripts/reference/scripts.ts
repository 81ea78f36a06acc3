import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../../src/cli/tree.ts';
import type { Page } from './pages.ts';

const dir = join(import.meta.dirname, '../../rootless');
const common = { path: '', aliases: [], options: [], examples: [], exit: [], see: [''] };

/** The pages of the scripts for users without root, from what these say about themselves. */
export function scriptPages(): Page[] {
  return [setupPage('containerd-rootless-setuptool.sh'), enginePage('containerd-rootless.sh')];
}

function setupPage(program: string): Page {
  const help = execFileSync('sh', [join(dir, program), '--help'], { encoding: 'utf8' });
  const [usage = '', short = '', ...sections] = help.split(/\n\n(?=\S)/);
  const titled = sections.map((section): [string, Row[]] => {
    const [title = '', ...lines] = section.split('\n');
    return [title.replace(/:$/, ''), rows(lines)];
  });
  return {
    ...common,
    program,
    short: short.trim().replace(/\.$/, ''),
    usage: [usage.replace(/^\S+ \S+ /, '')],
    description: [short.trim(), 'Without systemd it starts containerd as a process of its own.'],
    commands: titled,
    exit: [
      ['0', 'It was done; status: it runs.'],
      ['1', 'It failed; check: something is missing.'],
      ['3', 'status: it does not run.'],
    ],
  };
}

/** The comment at its top: what it does, the command line, a title, a line for each setting. */
function enginePage(program: string): Page {
  const [, , ...text] = readFileSync(join(dir, program), 'utf8').split('\n');
  const comment = text.slice(
    0,
    text.findIndex((line) => !line.startsWith('#')),
  );
  const lines = comment.map((line) => line.slice(2));
  const call = lines.findIndex((line) => line.trimStart().startsWith(program));
  const settings = rows(lines.slice(call + 2)).map(
    ([name, help]): Row => [name.replaceAll(/[^, ]+/g, 'CONTAINERD_ROOTLESS_ROOTLESSKIT_$&'), help],
  );
  return {
    ...common,
    program,
    short: 'run containerd without root, in the foreground',
    usage: [lines[call]!.trim().split(' ').slice(1).join(' ')],
    description: [lines.slice(0, call).join(' ')],
    commands: [['Environment', settings]],
  };
}

function rows(lines: readonly string[]): Row[] {
  return lines.flatMap((line): Row[] => {
    const [word = '', help = ''] = line.trim().split(/ {2,}/);
    return word === '' ? [] : [[word, help]];
  });
}
