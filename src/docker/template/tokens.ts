/** What the lexer of an action can give. */
export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'identifier'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'char-constant'
  | 'string'
  | 'raw-string'
  | 'pipe'
  | '='
  | ':='
  | '('
  | ')'
  | 'char'
  | 'error'
  | 'eof';

export interface Token {
  kind: TokenKind;
  /** The source; the sentence for `error`. */
  text: string;
  /** UTF-16 offset in the template. */
  pos: number;
}

export const keywords = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);

/** How Go's parser names a token in its sentences. */
export function describeToken(token: Token): string {
  if (token.kind === 'eof') return 'EOF';
  if (token.kind === 'error') return token.text;
  if (token.kind === 'keyword' || token.kind === 'dot' || token.kind === 'nil') return `<${token.text}>`;
  const text = JSON.stringify(token.text);
  return [...token.text].length > 10 ? `${JSON.stringify([...token.text].slice(0, 10).join(''))}...` : text;
}
