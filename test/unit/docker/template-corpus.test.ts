import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isDockerError } from '../../../src/docker/errors.ts';
import { compileTemplate } from '../../../src/docker/template/template.ts';

/** Made by Go's text/template: what it printed for a template and a value, or the sentence it failed with. */
const corpus: { data: unknown[]; cases: { template: string; data: number; output?: string; error?: string }[] } =
  JSON.parse(readFileSync(new URL('../../golden/template-corpus.json', import.meta.url), 'utf8'));

function run(template: string, data: unknown): { output?: string; error?: string } {
  try {
    return { output: compileTemplate(template).execute(data) };
  } catch (error) {
    assert.ok(isDockerError(error, 'invalid'), `${template}: ${error instanceof Error ? error.stack : error}`);
    return { error: error.message };
  }
}

for (const { template, data, output, error } of corpus.cases) {
  test(`${JSON.stringify(template)} on value ${data}`, () => {
    assert.deepEqual(run(template, corpus.data[data]), error === undefined ? { output } : { error });
  });
}
