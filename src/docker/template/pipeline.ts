import type { Cursor } from './cursor.ts';
import { parseNumber, unquote } from './literals.ts';
import { type CommandNode, nodeText, type Operand, type PipeNode, type VariableNode } from './nodes.ts';
import type { Token } from './tokens.ts';

/** The variables that are known at a place of a template. */
export interface Scope {
  variables: string[];
}

export type PipelineParser = (context: string, end: 'right' | ')') => PipeNode;

/** Reads what stands in an action: commands with their operands, piped into each other. */
export function pipelineParser(cursor: Cursor, scope: Scope, hasFunction: (name: string) => boolean): PipelineParser {
  // Declared, not inferred: the compiler must know that it never returns.
  const fail: Cursor['fail'] = cursor.fail;
  const unexpected: Cursor['unexpected'] = cursor.unexpected;
  const { back, mark, next, nextAny, peek, peekAny, reset, skipSpace } = cursor;

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
        back();
        pipe.commands.push(command());
      } else unexpected(token, context);
    }
  }

  function declarations(pipe: PipeNode, context: string): void {
    const start = mark();
    const name = peek();
    if (name.kind !== 'variable') return;
    next();
    const operator = peek();
    if (operator.kind === '=' || operator.kind === ':=') {
      next();
      pipe.assign = operator.kind === '=';
      pipe.variables.push({ kind: 'variable', pos: name.pos, names: [name.text] });
      if (!pipe.assign) scope.variables.push(name.text);
    } else if (operator.kind === 'char' && operator.text === ',') {
      next();
      pipe.variables.push({ kind: 'variable', pos: name.pos, names: [name.text] });
      scope.variables.push(name.text);
      if (context !== 'range' || pipe.variables.length > 1) fail(`too many declarations in ${context}`);
      const second = peek();
      if (second.kind !== 'variable') fail('range can only initialize variables');
      const secondAt = mark();
      next();
      const end = peek();
      if (end.kind === 'char' && end.text === ',') fail(`too many declarations in ${context}`);
      reset(secondAt);
      declarations(pipe, 'range, second');
    } else {
      reset(start);
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
      if (token.kind === 'right' || token.kind === ')') back();
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
        back();
        return undefined;
    }
  }

  function useVariable(pos: number, text: string): VariableNode {
    if (!scope.variables.includes(text)) fail(`undefined variable ${JSON.stringify(text)}`);
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

  return pipeline;
}
