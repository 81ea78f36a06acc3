import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { followPath } from '../../../src/cli/tree.ts';
import { commandHelp } from '../../../src/cli/usage.ts';
import { commandTable } from '../../../src/commands/index.ts';

/** UPDATE_GOLDEN=1 writes the files anew. */
for (const path of ['build', 'builder prune', 'buildx du', 'buildx ls', 'buildx inspect', 'buildx version'])
  test(`help: ${path}`, async () => {
    const { node } = followPath(commandTable, path.split(' '));
    assert.equal(node?.kind, 'command');
    if (node?.kind !== 'command') return;
    const { command } = await node.entry.load();
    const text = commandHelp('nerdctl', node.path, node.entry, command, 100);
    const file = join(import.meta.dirname, '../../golden/cli', `${path.replace(' ', '-')}.golden`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
  });
