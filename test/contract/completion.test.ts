import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../harness/engines.ts';
import { builtProgram, notBuilt, run } from '../harness/program.ts';
import { openTerminal, type Terminal } from '../harness/pty.ts';

// What a person sees who types on a terminal. There is no engine: networks and words of the tables are completed.

const top = dirname(dirname(builtProgram));
const home = mkdtempSync(join(tmpdir(), 'nerdctl-shells-'));
const bin = join(home, 'bin');
const networks = join(home, 'networks');
const files = join(home, 'files');

before(() => {
  for (const dir of [bin, networks, join(files, 'directory'), join(files, 'fpath')])
    mkdirSync(dir, { recursive: true });
  symlinkSync(builtProgram, join(bin, 'nerdctl'));
  symlinkSync('nerdctl', join(bin, 'docker'));
  writeFileSync(join(files, 'document'), '');
  writeFileSync(join(files, 'fpath/_nerdctl'), readFileSync(join(top, 'completions/_nerdctl')));
  const conflist = { cniVersion: '1.0.0', name: 'backend', plugins: [{ type: 'bridge' }], nerdctlID: 'a'.repeat(64) };
  writeFileSync(join(networks, 'nerdctl-backend.conflist'), JSON.stringify(conflist));
});
after(() => rmSync(home, { recursive: true, maxRetries: 5 }));

interface Shell {
  args: string[];
  /** Typed before the completion is loaded. */
  setUp?: string;
  load: string;
}

const quiet = `PS1='> '`;
const bashCompletion = '/usr/share/bash-completion/bash_completion';
const compinit = `${quiet}; autoload -U compinit; compinit -u -D`;
const bash = ['bash', '--norc', '--noprofile', '-i'];
const shells: Record<string, Shell> = {
  bash: { args: bash, setUp: quiet, load: 'source <(nerdctl completion bash)' },
  'bash with the bash-completion package': {
    args: bash,
    setUp: `${quiet}; source ${bashCompletion}`,
    load: 'source <(nerdctl completion bash)',
  },
  zsh: { args: ['zsh', '-f', '-i'], setUp: compinit, load: 'source <(nerdctl completion zsh)' },
  'zsh with a file in fpath': {
    args: ['zsh', '-f', '-i'],
    setUp: `fpath=(${files}/fpath $fpath); ${compinit}`,
    load: 'compdef docker=nerdctl',
  },
  fish: {
    args: ['fish', '--no-config', '-i'],
    setUp: `function fish_prompt; echo '> '; end`,
    load: 'nerdctl completion fish | source',
  },
};

function lacks(name: string, { args: [program = ''] }: Shell): string | false {
  if (notBuilt) return notBuilt;
  if (name.includes('package') && !existsSync(bashCompletion)) return 'this machine lacks bash-completion';
  return findProgram(program, process.env.PATH) !== undefined ? false : `this machine lacks ${program}`;
}

/** The text as a shell paints it, with escape sequences anywhere. */
function painted(text: string): RegExp {
  const characters = [...text].map((character) => character.replace(/[$()*+.?[\\\]^{|}]/, '\\$&'));
  return new RegExp(characters.join('(?:\\x1b\\[[0-9;?]*[A-Za-z])*'));
}

async function openShell({ args: [program = '', ...args], setUp = '', load }: Shell): Promise<Terminal> {
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    LANG: 'C.UTF-8',
    NETCONFPATH: networks,
    CONTAINERD_ADDRESS: join(home, 'none.sock'),
    NERDCTL_TOML: join(home, 'none.toml'),
  };
  const terminal = openTerminal(program, args, { env, columns: 120 });
  for (const line of [setUp, load]) {
    // The quotes tell the echo of the terminal from that of the shell.
    terminal.type(`${line}; echo rea''dy\n`);
    await terminal.shows('ready');
  }
  return terminal;
}

describe('completion on a terminal', { concurrency: true }, () => {
  for (const [name, shell] of Object.entries(shells))
    test(name, { skip: lacks(name, shell) }, async () => {
      const terminal = await openShell(shell);
      const { type } = terminal;
      const shows = (text: string) => terminal.shows(painted(text));
      const clear = () => type('\x15');
      try {
        type('nerdctl netw\t');
        await shows('network ');
        type('ins\t');
        await shows('inspect ');
        type('back\t');
        await shows('backend ');
        clear();
        type('nerdctl completion \t\t');
        await shows('Generate the autocompletion script for powershell');
        clear();
        type('docker run --pul\t');
        await shows('--pull ');
        type('mis\t');
        await shows('missing ');
        clear();
        type('nerdctl run --network=bac\t');
        await shows('--network=backend ');
        clear();
        type('nerdctl run --network contai\t');
        await shows('container:');
        clear();
        type('nerdctl run --mount type=b\t');
        await shows('type=bind,');
        clear();
        type(`nerdctl build ${files}/d\t`);
        await shows(`${files}/directory/`);
        clear();
        type(`nerdctl build -f ${files}/doc\t`);
        await shows(`${files}/document `);
        clear();
        // Nothing is offered, nothing is said.
        type('nerdctl rm x\t');
        type("y\x01echo rea''dy \n");
        await shows('ready nerdctl rm xy');
        assert.doesNotMatch(terminal.screen(), /cannot connect|Cannot connect|no such file/i);
      } finally {
        terminal.kill('SIGKILL');
        await terminal.ended;
      }
    });
});

/** Lines with the cursor at their end, the pieces that bash cuts them into, and what bash is to put for the last piece. */
const pieces: readonly (readonly [line: string, pieces: string[], replies: string[]])[] = [
  ['nerdctl run --name "a b" --pul', ['run', '--name', '"a b"', '--pul'], ['--pull']],
  ["nerdctl run -e 'A=x y' --pull=mi", ['run', '-e', "'A", '=', "x y'", '--pull', '=', 'mi'], ['missing']],
  ['nerdctl run --pull "al', ['run', '--pull', '"al'], ['always']],
  [
    'nerdctl run --network container\\:x --pull=',
    ['run', '--network', 'container\\:x', '--pull', '='],
    ['always', 'missing', 'never'],
  ],
  [
    'nerdctl network inspect $(touch ran) `touch ran` ba',
    ['network', 'inspect', '$(touch ran)', '`touch ran`', 'ba'],
    ['backend'],
  ],
  ['nerdctl  network   inspect  ', ['network', 'inspect', ''], ['backend', 'bridge', 'host', 'none']],
  ['sd network inspect back', ['network', 'inspect', 'back'], ['backend']],
  ['nope network inspect back', ['network', 'inspect', 'back'], ['backend']],
  ['nerdctl build --network=h', ['build', '--network=h'], ['--network=host']],
];

describe('bash', { skip: notBuilt }, () => {
  for (const [line, words, replies] of pieces)
    test(line, async () => {
      const [first = ''] = line.split(' ');
      const script = `
        source ${top}/completions/nerdctl.bash
        BASH_ALIASES[sd]='sudo -E nerdctl --debug'
        COMP_LINE=$1 COMP_POINT=\${#1} COMP_TYPE=9
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        __start_nerdctl
        printf '%s\\n' "\${COMPREPLY[@]}" | sort`;
      const env = { PATH: `${bin}:${process.env.PATH}`, NETCONFPATH: networks, NERDCTL_TOML: join(home, 'none.toml') };
      const result = await run('bash', ['-c', script, 'bash', line, first, ...words], { env, cwd: files });
      assert.deepEqual(result, { code: 0, stdout: `${replies.join('\n')}\n`, stderr: '' });
      assert.ok(!existsSync(join(files, 'ran')));
    });
});

for (const [shell, file] of [
  ['bash', 'nerdctl.bash'],
  ['zsh', '_nerdctl'],
  ['fish', 'nerdctl.fish'],
  ['powershell', 'nerdctl.ps1'],
] as const)
  test(`completion ${shell} prints completions/${file}`, { skip: notBuilt }, () => {
    const printed = execFileSync(builtProgram, ['completion', shell], { encoding: 'utf8' });
    assert.equal(printed, readFileSync(join(top, 'completions', file), 'utf8'));
    const short = execFileSync(builtProgram, ['completion', shell, '--no-descriptions'], { encoding: 'utf8' });
    assert.match(short, /__completeNoDesc /);
    assert.doesNotMatch(short, /__complete /);
  });

test('an engine that hangs takes no more than a moment, one that is not there none', {
  skip: notBuilt,
}, async () => {
  const held = new Set<Socket>();
  const server = createServer((socket) => held.add(socket)).listen(join(home, 'hangs.sock'));
  await once(server, 'listening');
  try {
    for (const name of ['hangs.sock', 'none.sock']) {
      const env = { CONTAINERD_ADDRESS: join(home, name), NERDCTL_TOML: join(home, 'none.toml') };
      const result = await run(builtProgram, ['__complete', 'stop', ''], { env, timeout: 10_000 });
      assert.deepEqual(result, { code: 0, stdout: ':4\n', stderr: '' });
    }
  } finally {
    for (const socket of held) socket.destroy();
    server.close();
  }
});
