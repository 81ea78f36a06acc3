import { openCursor } from './cursor.ts';
import { unquote } from './literals.ts';
import type { Node } from './nodes.ts';
import { pipelineParser, type Scope } from './pipeline.ts';
import type { Token } from './tokens.ts';

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
  const cursor = openCursor(source);
  const { actionLine, back, expect, next, openAction, peek, previous } = cursor;
  const fail: typeof cursor.fail = cursor.fail;
  const unexpected: typeof cursor.unexpected = cursor.unexpected;
  const scope: Scope = { variables: ['$'] };
  const pipeline = pipelineParser(cursor, scope, hasFunction);
  const definitions: Definitions = new Map();
  let rangeDepth = 0;
  let topLevel = true;

  function list(): { nodes: Node[]; end: Terminator } {
    const nodes: Node[] = [];
    for (;;) {
      const token = next();
      if (token.kind === 'eof') return { nodes, end: { word: 'eof', pos: token.pos } };
      if (token.kind === 'text') nodes.push({ kind: 'text', pos: token.pos, text: token.text });
      else if (token.kind === 'left') {
        openAction(token);
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
    back();
    const start = peek();
    return { kind: 'action', pos: start.pos, pipe: pipeline('command', 'right') };
  }

  function loopControl(word: 'break' | 'continue', pos: number): Node {
    const token = next();
    if (token.kind !== 'right') unexpected(token, `{{${word}}}`);
    if (rangeDepth === 0) fail(`{{${word}}} outside {{range}}`);
    return { kind: word, pos, line: actionLine() };
  }

  function elseAction(pos: number): Terminator {
    const token = peek();
    // `else if` and `else with` are left for control() to read as a branch of its own.
    if (token.kind !== 'keyword' || (token.text !== 'if' && token.text !== 'with')) expect('right', 'else');
    return { word: 'else', pos };
  }

  function control(kind: 'if' | 'with' | 'range', pos: number): Node {
    const known = scope.variables.length;
    const outerTop = topLevel;
    topLevel = false;
    const pipe = pipeline(kind, 'right');
    if (kind === 'range') rangeDepth++;
    const { nodes: body, end } = list();
    if (kind === 'range') rangeDepth--;
    let otherwise: Node[] | undefined;
    if (end.word === 'eof') fail('unexpected EOF');
    if (end.word === 'else') otherwise = alternative(kind);
    scope.variables = scope.variables.slice(0, known);
    topLevel = outerTop;
    return { kind, pos, pipe, body, otherwise };
  }

  function alternative(kind: 'if' | 'with' | 'range'): Node[] {
    const token = peek();
    if (token.kind === 'keyword' && token.text === kind && kind !== 'range') {
      next();
      return [control(kind, token.pos)];
    }
    if (token.kind === 'keyword' && previous()?.kind !== 'right' && (token.text === 'if' || token.text === 'with')) {
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
    back();
    return { kind: 'template', pos: token.pos, name, pipe: pipeline('template clause', 'right') };
  }

  function blockAction(): Node {
    const token = next();
    const name = templateName(token, 'block clause');
    const pipe = pipeline('block clause', 'right');
    const outer = scope.variables;
    scope.variables = ['$'];
    const { nodes, end } = list();
    scope.variables = outer;
    if (end.word === 'eof') fail('unexpected EOF');
    if (end.word !== 'end') fail('unexpected {{else}} in block clause');
    definitions.set(name, nodes);
    return { kind: 'template', pos: token.pos, name, pipe };
  }

  function define(keyword: Token): undefined {
    if (!topLevel) unexpected(keyword, 'command');
    const name = templateName(next(), 'define clause');
    expect('right', 'define clause');
    const outer = scope.variables;
    scope.variables = ['$'];
    topLevel = false;
    const { nodes, end } = list();
    topLevel = true;
    scope.variables = outer;
    if (end.word === 'eof') fail('unexpected EOF');
    if (end.word !== 'end') fail('unexpected {{else}} in define clause');
    if (nodes.some((node) => node.kind !== 'text' || node.text.trim() !== '') || !definitions.has(name)) {
      definitions.set(name, nodes);
    }
    return undefined;
  }

  const { nodes, end } = list();
  if (end.word !== 'eof') fail(`unexpected {{${end.word}}}`);
  definitions.set('', nodes);
  return definitions;
}
