import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInspect } from '../../../src/docker/format/inspect.ts';
import { formatList, type ListDefinition } from '../../../src/docker/format/list.ts';
import { layOutTable } from '../../../src/docker/format/table-writer.ts';

const list: ListDefinition<{ id: string }> = {
  typeName: '*formatter.fooContext',
  columns: { ID: { header: 'FOO ID', value: (row) => row.id } },
  defaultTable: '{{.ID}}',
  quiet: '{{.ID}}',
};

test('a broken format is told even without rows', () => {
  const cases: [string, string][] = [
    ['{{', 'template parsing error: template: :1: unclosed action'],
    ['{{nope}}', 'template parsing error: template: :1: function "nope" not defined'],
  ];
  for (const [format, message] of cases) assert.throws(() => formatList(list, [], { format }), { message });
  assert.throws(() => formatList(list, [{ id: 'a' }], { format: '{{.X}}' }), {
    message:
      'template parsing error: template: :1:2: executing "" at <.X>: can\'t evaluate field X in type *formatter.fooContext',
  });
});

test('a list without rows', () => {
  assert.equal(formatList(list, []), 'FOO ID\n');
  assert.equal(formatList(list, [], { format: 'json' }), '');
  assert.equal(formatList(list, [], { quiet: true }), '');
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
