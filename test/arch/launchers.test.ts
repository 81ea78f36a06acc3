import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('both launchers stay outside of a user’s engine for the same commands', () => {
  const shell = /^.*login.*\benter= ;; esac$/m.exec(readFileSync('scripts/launcher.sh', 'utf8'))?.[0] ?? '';
  const quoted = [...shell.matchAll(/'([^']*)'/g)].flatMap(([, words]) => words!.trim().split(' '));
  const text = readFileSync('src/launcher/main.c', 'utf8');
  const body = /^static bool is_for_engine\(char \*\*words\) \{.*?^\}/ms.exec(text)?.[0] ?? '';
  const compared = [...body.matchAll(/strcmp\(\*?\w+, "([^"]*)"\)/g)].map(([, word]) => word!);
  assert.deepEqual(new Set(compared), new Set(quoted));
  assert.ok(quoted.includes('login') && quoted.includes('system'));
});
