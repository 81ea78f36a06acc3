import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInspect } from '../../../src/docker/format/inspect.ts';
import { formatList, type ListDefinition } from '../../../src/docker/format/list.ts';
import { listJson, plainRenderer } from '../../../src/docker/format/plain-list.ts';
import { layOutTable } from '../../../src/docker/format/table-writer.ts';
import { templateRenderer } from '../../../src/docker/format/template-list.ts';

const list: ListDefinition<{ id: string }> = {
  typeName: '*formatter.fooContext',
  columns: { ID: { header: 'FOO ID', value: (row) => row.id } },
  defaultTable: '{{.ID}}',
  quiet: '{{.ID}}',
};

test('a broken format is told even without rows', async () => {
  const cases: [string, string][] = [
    ['{{', 'failed to parse template: template: :1: unclosed action'],
    ['{{nope}}', 'failed to parse template: template: :1: function "nope" not defined'],
  ];
  for (const [format, message] of cases) await assert.rejects(formatList(list, [], { format }), { message });
  await assert.rejects(formatList(list, [{ id: 'a' }], { format: '{{.X}}' }), {
    message:
      'failed to execute template: template: :1:2: executing "" at <.X>: can\'t evaluate field X in type *formatter.fooContext',
  });
});

test('a list without rows', async () => {
  assert.equal(await formatList(list, []), 'FOO ID\n');
  assert.equal(await formatList(list, [], { format: 'json' }), '');
  assert.equal(await formatList(list, [], { quiet: true }), '');
});

test('a plain template is printed as the template engine prints it', () => {
  const row = { id: '<a & "b">\t{{.ID}}' };
  for (const template of ['{{.ID}}', '', 'x}} {{ .ID }}\t{{.ID}}\n{{.ID}}', '{{.ID}}$1']) {
    const plain = plainRenderer(list, template);
    const engine = templateRenderer(list, template);
    assert.equal(plain?.row(row), engine.row(row), template);
    assert.equal(plain?.titles(), engine.titles(), template);
  }
  for (const template of ['{{.X}}', '{{- .ID}}', '{{.ID | upper}}', '{{/* */}}', '{{.ID.x}}', '{{', '{{.toString}}'])
    assert.equal(plainRenderer(list, template), undefined, template);
  assert.equal(listJson(list, row), templateRenderer(list, '{{json .}}').row(row));
});

test('tables', () => {
  const cases: [string, string][] = [
    ['a\tb\n', 'a         b\n'],
    ['a\tb\nlonger than\tc\n', 'a             b\nlonger than   c\n'],
    ['no tab\na\tb\n', 'no tab\na         b\n'],
    ['\t\tx\n', '                    x\n'],
    ['é\tx\n', 'é         x\n'],
  ];
  for (const [text, laidOut] of cases) assert.equal(layOutTable(text), laidOut);
});

test('inspect without a format is an array, empty for nothing', () => {
  assert.equal(formatInspect([]).text, '[]\n');
  assert.equal(formatInspect([{ a: '<' }]).text, '[\n    {\n        "a": "<"\n    }\n]\n');
  assert.equal(formatInspect([{ a: 1 }, { a: 2 }], '{{.a}}').text, '1\n2\n');
});
