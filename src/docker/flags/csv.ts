import { DockerError } from '../errors.ts';

/**
 * The fields of one CSV record, quoted as Go's encoding/csv reads them: only a field that begins with `"` is quoted,
 * and `""` inside it is one quote.
 * @throws DockerError `invalid`, in encoding/csv's words (`EOF` for an empty text, as docker prints it)
 */
export function parseCsvLine(text: string): string[] {
  if (text === '') throw new DockerError('invalid', 'EOF');
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const [field, end] = text[at] === '"' ? quotedField(text, at) : plainField(text, at);
    fields.push(field);
    if (end >= text.length) return fields;
    at = end + 1;
  }
}

function plainField(text: string, start: number): [field: string, end: number] {
  const comma = text.indexOf(',', start);
  const end = comma < 0 ? text.length : comma;
  const quote = text.slice(start, end).indexOf('"');
  if (quote >= 0) throw parseError(text, start + quote, 'bare " in non-quoted-field');
  return [text.slice(start, end), end];
}

function quotedField(text: string, start: number): [field: string, end: number] {
  let field = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw parseError(text, text.length, 'extraneous or missing " in quoted-field');
    field += text.slice(at, quote);
    at = quote + 1;
    if (at >= text.length || text[at] === ',') return [field, at];
    if (text[at] !== '"') throw parseError(text, quote, 'extraneous or missing " in quoted-field');
    field += '"';
    at++;
  }
}

function parseError(text: string, offset: number, problem: string): DockerError {
  const column = Buffer.byteLength(text.slice(0, offset)) + 1;
  return new DockerError('invalid', `parse error on line 1, column ${column}: ${problem}`);
}
