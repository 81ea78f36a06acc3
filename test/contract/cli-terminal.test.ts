import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTerminal } from '../harness/pty.ts';

const child = join(import.meta.dirname, '../unit/cli/child.ts');
const sane = ['isig', 'icanon', 'echo', 'opost', 'icrnl'];

/** The child in a shell that shows the terminal's state before, meanwhile and afterwards. */
function open(env: Record<string, string> = {}) {
  const program = `${process.execPath} --import tsx ${child} raw`;
  return openTerminal('/bin/sh', ['-c', `${program}; echo "code $?"; stty -a; echo end`], {
    env: { NERDCTL_TOML: '/nonexistent', NODE_NO_WARNINGS: '1', ...env },
    columns: 100,
    rows: 30,
  });
}

test('raw mode passes every key, leaves output alone, and is undone', async () => {
  const terminal = open();
  // Output processing would make it \r\n.
  await terminal.shows(/<100x30>\n<ready>/);
  terminal.type('\x03');
  await terminal.shows('<03>');
  terminal.type('\r');
  await terminal.shows('<0d>');
  terminal.resize(90, 20);
  await terminal.shows('<90x20>');
  terminal.type('q');
  await terminal.shows(/restored\r\n/);
  await terminal.shows(/code 0\r\n/);
  const [state] = await terminal.shows(/speed[\s\S]*end/);
  for (const mode of sane) assert.match(state, new RegExp(`[ \\n]${mode}\\b`));
  await terminal.ended;
});

test('raw mode is undone when a signal ends the program', async () => {
  const terminal = open();
  await terminal.shows('<ready>');
  // The child asks for SIGTERM three times; it does not listen, so the third ends it.
  for (let i = 0; i < 3; i++) {
    terminal.type('!');
    if (i < 2) await terminal.shows('<21>');
  }
  await terminal.shows(/code 143\r\n/);
  const [state] = await terminal.shows(/speed[\s\S]*end/);
  for (const mode of sane) assert.match(state, new RegExp(`[ \\n]${mode}\\b`));
  await terminal.ended;
});

test('NORAW leaves the terminal as it is', async () => {
  const terminal = open({ NORAW: '1' });
  await terminal.shows(/<ready>/);
  terminal.type('aq\r');
  await terminal.shows(/<61710a>/);
  await terminal.shows(/code 0\r\n/);
  await terminal.ended;
});
