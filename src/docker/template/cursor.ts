import { parseFailure, positionOf } from './errors.ts';
import { lex } from './lexer.ts';
import { describeToken, type Token } from './tokens.ts';

/** Where a parser is in the tokens of a template; `Any` are the readers that see white space too. */
export interface Cursor {
  peek(): Token;
  next(): Token;
  peekAny(): Token;
  nextAny(): Token;
  skipSpace(): void;
  /** The token that was read last. */
  previous(): Token | undefined;
  /** Makes the last token the next again. */
  back(): void;
  /** A place to come back to with {@link Cursor.reset}. */
  mark(): number;
  reset(mark: number): void;
  /** Notes where the action under way began. */
  openAction(token: Token): void;
  /** Its line; 0 before the first. */
  actionLine(): number;
  /** @throws DockerError unless the next token is of this kind */
  expect(kind: Token['kind'], context: string): Token;
  /** @throws DockerError `invalid` `template: :LINE: …` */
  fail(message: string, token?: Token): never;
  unexpected(token: Token, context: string): never;
}

export function openCursor(source: string): Cursor {
  const tokens = lex(source);
  let at = 0;
  let actionLine = 0;

  const lineOf = (token: Token): number => positionOf(source, token.pos).line;
  const peekAny = (): Token => tokens[Math.min(at, tokens.length - 1)] as Token;
  const nextAny = (): Token => tokens[Math.min(at++, tokens.length - 1)] as Token;
  const skipSpace = (): void => {
    while (peekAny().kind === 'space') at++;
  };
  const next = (): Token => {
    skipSpace();
    return nextAny();
  };
  const fail = (message: string, token = tokens[Math.max(0, Math.min(at, tokens.length) - 1)] as Token): never => {
    throw parseFailure(lineOf(token), message);
  };
  const unexpected = (token: Token, context: string): never => {
    if (token.kind === 'error') {
      const opened = actionLine > 0 && actionLine !== lineOf(token) && token.text.endsWith('unclosed action');
      return fail(opened ? `${token.text} started at :${actionLine}` : token.text, token);
    }
    return fail(`unexpected ${describeToken(token)} in ${context}`, token);
  };
  return {
    peekAny,
    nextAny,
    skipSpace,
    next,
    peek: () => {
      skipSpace();
      return peekAny();
    },
    previous: () => tokens[at - 1],
    back: () => {
      at--;
    },
    mark: () => at,
    reset: (mark) => {
      at = mark;
    },
    openAction: (token) => {
      actionLine = lineOf(token);
    },
    actionLine: () => actionLine,
    expect: (kind, context) => {
      const token = next();
      return token.kind === kind ? token : unexpected(token, context);
    },
    fail,
    unexpected,
  };
}
