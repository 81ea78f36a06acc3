import { parseFailure, positionOf } from './errors.ts';
import { lex } from './lexer.ts';
import { parseNumber, unquote } from './literals.ts';
import type { CommandNode, Node, Operand, PipeNode, VariableNode } from './nodes.ts';
import { nodeText } from './nodes.ts';
import { describeToken, type Token } from './tokens.ts';

/** The main template, whose name is empty, and those of define and block, by name. */
export type Definitions = Map<string, Node[]>;

/** What ends a list of nodes. */
interface Terminator {
  word: 'end' | 'else' | 'eof';
  pos: number;
}

/**
 * Parses a template by the grammar of Go's text/template/parse.
 * @param hasFunction tells the known function names
 * @throws DockerError `invalid` `template: :LINE: …`
 */
export function parseTemplate(source: string, hasFunction: (name: string) => boolean): Definitions {
  const tokens = lex(source);
  const definitions: Definitions = new Map();
  let at = 0;
  let rangeDepth = 0;
  let variables = ['$'];
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
  const peek = (): Token => {
    skipSpace();
    return peekAny();
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
  const expect = (kind: Token['kind'], context: string): Token => {
    const token = next();
    return token.kind === kind ? token : unexpected(token, context);
  };

  function list(): { nodes: Node[]; end: Terminator } {
    const nodes: Node[] = [];
    for (;;) {
      const token = next();
      if (token.kind === 'eof') return { nodes, end: { word: 'eof', pos: token.pos } };
      if (token.kind === 'text') nodes.push({ kind: 'text', pos: token.pos, text: token.text });
      else if (token.kind === 'left') {
        actionLine = lineOf(token);
        const node = action();
        if (node && 'word' in node) return { nodes, end: node };
        if (node) nodes.push(node);
      } else unexpected(token, 'input');
    }
  }

  function action(): Node | Terminator | undefined {
    const token = next();
    if (token.kind === 'keyword') {
      switch (token.text) {
        case 'if':
        case 'with':
        case 'range':
          return control(token.text, token.pos);
        case 'end':
          expect('right', 'end');
          return { word: 'end', pos: token.pos };
        case 'else':
          return elseAction(token.pos);
        case 'break':
        case 'continue':
          return loopControl(token.text, token.pos);
        case 'template':
          return templateAction();
        case 'block':
          return blockAction();
        case 'define':
          return define(token);
      }
    }
    at--;
    const start = peek();
    return { kind: 'action', pos: start.pos, pipe: pipeline('command', 'right') };
  }

  function loopControl(word: 'break' | 'continue', pos: number): Node {
    const token = next();
    if (token.kind !== 'right') unexpected(token, `{{${word}}}`);
    if (rangeDepth === 0) fail(`{{${word}}} outside {{range}}`);
    return { kind: word, pos, line: actionLine };
  }

  function elseAction(pos: number): Terminator {
    const token = peek();
    // `else if` and `else with` are left for control() to read as a branch of its own.
    if (token.kind !== 'keyword' || (token.text !== 'if' && token.text !== 'with')) expect('right', 'else');
    return { word: 'else', pos };
  }

  function control(kind: 'if' | 'with' | 'range', pos: number): Node {
    const known = variables.length;
    const outerTop = topLevel;
    topLevel = false;
    const pipe = pipeline(kind, 'right');
    if (kind === 'range') rangeDepth++;
    const { nodes: body, end } = list();
    if (kind === 'range') rangeDepth--;
    let otherwise: Node[] | undefined;
    if (end.word === 'eof') fail('unexpected EOF');
    if (end.word === 'else') otherwise = alternative(kind);
    variables = variables.slice(0, known);
    topLevel = outerTop;
    return { kind, pos, pipe, body, otherwise };
  }

  function alternative(kind: 'if' | 'with' | 'range'): Node[] {
    const token = peek();
    if (token.kind === 'keyword' && token.text === kind && kind !== 'range') {
      next();
      return [control(kind, token.pos)];
    }
    if (
      token.kind === 'keyword' &&
      tokens[at - 1]?.kind !== 'right' &&
      (token.text === 'if' || token.text === 'with')
    ) {
      unexpected(token, 'input');
    }
    const { nodes, end } = list();
    if (end.word === 'eof') fail('unexpected EOF');
    if (end.word === 'else') fail('expected end; found {{else}}');
    return nodes;
  }

  function templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'raw-string') return unexpected(token, context);
    return unquote(token.text) ?? fail('invalid syntax');
  }

  function templateAction(): Node {
    const token = next();
    const name = templateName(token, 'template clause');
    if (next().kind === 'right') return { kind: 'template', pos: token.pos, name, pipe: undefined };
    at--;
    return { kind: 'template', pos: token.pos, name, pipe: pipeline('template clause', 'right') };
  }

  function blockAction(): Node {
    const token = next();
    const name = templateName(token, 'block clause');
    const pipe = pipeline('block clause', 'right');
    const outer = variables;
    variables = ['$'];
    const { nodes, end } = list();
    variables = outer;
    if (end.word === 'eof') fail('unexpected EOF');
    if (end.word !== 'end') fail('unexpected {{else}} in block clause');
    definitions.set(name, nodes);
    return { kind: 'template', pos: token.pos, name, pipe };
  }

  function define(keyword: Token): undefined {
    if (!topLevel) unexpected(keyword, 'command');
    const name = templateName(next(), 'define clause');
    expect('right', 'define clause');
    const outer = variables;
    variables = ['$'];
    topLevel = false;
    const { nodes, end } = list();
    topLevel = true;
    variables = outer;
    if (end.word === 'eof') fail('unexpected EOF');
    if (end.word !== 'end') fail('unexpected {{else}} in define clause');
    if (nodes.some((node) => node.kind !== 'text' || node.text.trim() !== '') || !definitions.has(name)) {
      definitions.set(name, nodes);
    }
    return undefined;
  }

  function pipeline(context: string, end: 'right' | ')'): PipeNode {
    const start = peek();
    const pipe: PipeNode = { kind: 'pipe', pos: start.pos, assign: false, variables: [], commands: [] };
    declarations(pipe, context);
    for (;;) {
      const token = next();
      if (token.kind === end) {
        checkPipeline(pipe, context);
        return pipe;
      }
      if (
        [
          'bool',
          'char-constant',
          'dot',
          'field',
          'identifier',
          'number',
          'nil',
          'raw-string',
          'string',
          'variable',
          '(',
        ].includes(token.kind)
      ) {
        at--;
        pipe.commands.push(command());
      } else unexpected(token, context);
    }
  }

  function declarations(pipe: PipeNode, context: string): void {
    const start = at;
    const name = peek();
    if (name.kind !== 'variable') return;
    next();
    const operator = peek();
    if (operator.kind === '=' || operator.kind === ':=') {
      next();
      pipe.assign = operator.kind === '=';
      pipe.variables.push({ kind: 'variable', pos: name.pos, names: [name.text] });
      if (!pipe.assign) variables.push(name.text);
    } else if (operator.kind === 'char' && operator.text === ',') {
      next();
      pipe.variables.push({ kind: 'variable', pos: name.pos, names: [name.text] });
      variables.push(name.text);
      if (context !== 'range' || pipe.variables.length > 1) fail(`too many declarations in ${context}`);
      const second = peek();
      if (second.kind !== 'variable') fail('range can only initialize variables');
      const secondAt = at;
      next();
      const end = peek();
      if (end.kind === 'char' && end.text === ',') fail(`too many declarations in ${context}`);
      at = secondAt;
      declarations(pipe, 'range, second');
    } else {
      at = start;
    }
  }

  function checkPipeline(pipe: PipeNode, context: string): void {
    if (pipe.commands.length === 0) fail(`missing value for ${context}`);
    for (const [i, stage] of pipe.commands.slice(1).entries()) {
      const kind = stage.args[0]?.kind;
      if (kind === 'bool' || kind === 'dot' || kind === 'nil' || kind === 'number' || kind === 'string') {
        fail(`non executable command in pipeline stage ${i + 2}`);
      }
    }
  }

  function command(): CommandNode {
    const node: CommandNode = { kind: 'command', pos: peek().pos, args: [] };
    for (;;) {
      skipSpace();
      const arg = operand();
      if (arg) node.args.push(arg);
      const token = nextAny();
      if (token.kind === 'space') continue;
      if (token.kind === 'right' || token.kind === ')') at--;
      else if (token.kind !== 'pipe') unexpected(token, 'operand');
      break;
    }
    if (node.args.length === 0) fail('empty command');
    return node;
  }

  function operand(): Operand | undefined {
    const target = term();
    if (!target || peekAny().kind !== 'field') return target;
    const pos = peekAny().pos;
    const names: string[] = [];
    while (peekAny().kind === 'field') names.push(nextAny().text.slice(1));
    switch (target.kind) {
      case 'field':
        return { kind: 'field', pos, names: [...target.names, ...names] };
      case 'variable':
        return { kind: 'variable', pos, names: [...target.names, ...names] };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return fail(`unexpected . after term ${JSON.stringify(nodeText(target))}`);
      default:
        return { kind: 'chain', pos, target, names };
    }
  }

  function term(): Operand | undefined {
    const token = nextAny();
    const { pos, text } = token;
    switch (token.kind) {
      case 'identifier':
        if (!hasFunction(text)) fail(`function ${JSON.stringify(text)} not defined`);
        return { kind: 'identifier', pos, name: text };
      case 'dot':
        return { kind: 'dot', pos };
      case 'nil':
        return { kind: 'nil', pos };
      case 'variable':
        return useVariable(pos, text);
      case 'field':
        return { kind: 'field', pos, names: [text.slice(1)] };
      case 'bool':
        return { kind: 'bool', pos, value: text === 'true' };
      case 'char-constant':
      case 'number':
        return number(token);
      case '(': {
        const pipe = pipeline('parenthesized pipeline', ')');
        return pipe;
      }
      case 'string':
      case 'raw-string':
        return { kind: 'string', pos, text, value: unquote(text) ?? fail('invalid syntax') };
      case 'error':
        return unexpected(token, 'operand');
      default:
        at--;
        return undefined;
    }
  }

  function useVariable(pos: number, text: string): VariableNode {
    if (!variables.includes(text)) fail(`undefined variable ${JSON.stringify(text)}`);
    return { kind: 'variable', pos, names: [text] };
  }

  function number(token: Token): Operand {
    const { pos, text } = token;
    if (token.kind === 'char-constant') {
      const rune = unquote(text);
      if (rune === undefined || [...rune].length !== 1) fail(`malformed character constant: ${text}`);
      return { kind: 'number', pos, text, value: rune?.codePointAt(0) ?? 0, isFloat: false };
    }
    const overflow = /^[+-]?[0-9_]+$/.test(text) ? 'integer overflow' : 'illegal number syntax';
    const parsed = parseNumber(text) ?? fail(`${overflow}: ${JSON.stringify(text)}`);
    return { kind: 'number', pos, text, ...parsed };
  }

  let topLevel = true;
  const { nodes, end } = list();
  if (end.word !== 'eof') fail(`unexpected {{${end.word}}}`);
  definitions.set('', nodes);
  return definitions;
}
