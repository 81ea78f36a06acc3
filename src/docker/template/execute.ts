import { isDockerError } from '../errors.ts';
import { call, type Evaluated } from './call.ts';
import { executionFailure } from './errors.ts';
import { fieldOf } from './fields.ts';
import { type CommandNode, type Node, nodeText, type Operand, type PipeNode } from './nodes.ts';
import type { Definitions } from './parser.ts';
import { printResult } from './print.ts';
import {
  GoFloat,
  hasInterfaceElements,
  isGoFloat,
  isMap,
  isNumber,
  isTrue,
  isTypedNil,
  noValue,
  sortedKeys,
  type TemplateFunction,
  typeName,
} from './values.ts';

export interface ExecuteOptions {
  functions: Readonly<Record<string, TemplateFunction>>;
  /** A key that a map has not is an error (`missingkey=error`) instead of `<no value>`. */
  missingKeyError: boolean;
}

type Flow = 'break' | 'continue' | undefined;

/** Enough for any template of a person; Go has 100,000, which our stack has not. */
const maxDepth = 1000;

/**
 * Runs a parsed template on a value.
 * @throws DockerError `invalid` `template: :LINE:COLUMN: executing "" at <…>: …`
 */
export function execute(source: string, definitions: Definitions, data: unknown, options: ExecuteOptions): string {
  let out = '';
  let templateName = '';
  let depth = 0;
  let variables: { name: string; value: unknown }[] = [];

  const failAt = (node: Node | Operand | CommandNode, message: string): never => {
    throw executionFailure(source, node.pos, templateName, nodeText(node), message);
  };

  function run(name: string, nodes: Node[], dot: unknown): void {
    const [outerName, outerVariables] = [templateName, variables];
    templateName = name;
    variables = [{ name: '$', value: dot }];
    depth++;
    walkList(nodes, dot);
    depth--;
    [templateName, variables] = [outerName, outerVariables];
  }

  function walkList(nodes: Node[], dot: unknown): Flow {
    for (const node of nodes) {
      const flow = walk(node, dot);
      if (flow) return flow;
    }
    return undefined;
  }

  function walk(node: Node, dot: unknown): Flow {
    switch (node.kind) {
      case 'text':
        out += node.text;
        return undefined;
      case 'action': {
        const value = pipeline(node.pipe, dot);
        if (node.pipe.variables.length > 0) return undefined;
        if (typeof value === 'function') return failAt(node, `can't print ${nodeText(node)} of type func`);
        out += printResult(value);
        return undefined;
      }
      case 'break':
      case 'continue':
        return node.kind;
      case 'template': {
        const nodes = definitions.get(node.name);
        if (!nodes) return failAt(node, `template ${JSON.stringify(node.name)} not defined`);
        if (depth === maxDepth) return failAt(node, `exceeded maximum template depth (${maxDepth})`);
        const value = node.pipe ? pipeline(node.pipe, dot) : noValue;
        run(node.name, nodes, value);
        return undefined;
      }
      default: {
        const mark = variables.length;
        const value = pipeline(node.pipe, dot);
        const flow =
          node.kind === 'range'
            ? range(node, value, dot)
            : isTrue(value)
              ? walkList(node.body, node.kind === 'with' ? value : dot)
              : walkList(node.otherwise ?? [], dot);
        variables.length = mark;
        return flow;
      }
    }
  }

  function range(node: Extract<Node, { kind: 'range' | 'if' | 'with' }>, value: unknown, dot: unknown): Flow {
    const mark = variables.length;
    const entries = rangeEntries(value);
    if (!entries) return failAt(node.pipe, `range can't iterate over ${printResult(value)}`);
    for (const [key, item] of entries) {
      bindRange(node.pipe, key, item);
      const flow = walkList(node.body, item);
      variables.length = mark;
      if (flow === 'break') break;
    }
    return entries.length === 0 ? walkList(node.otherwise ?? [], dot) : undefined;
  }

  function bindRange(pipe: PipeNode, key: unknown, item: unknown): void {
    const { variables: declared, assign } = pipe;
    const values = declared.length === 2 ? [key, item] : [item];
    for (const [i, variable] of declared.entries()) {
      const name = variable.names[0] ?? '';
      // The pipeline has bound the name to the whole value already.
      if (assign) setVariable(name, values[i], variable);
      else variables.push({ name, value: values[i] });
    }
  }

  function setVariable(name: string, value: unknown, node: Operand): void {
    const found = variables.findLast((variable) => variable.name === name);
    if (found) found.value = value;
    else failAt(node, `undefined variable: ${name}`);
  }

  function pipeline(pipe: PipeNode, dot: unknown): unknown {
    let value: Evaluated = { present: false, value: undefined };
    for (const command of pipe.commands) value = { present: true, value: evaluateCommand(command, dot, value) };
    for (const variable of pipe.variables) {
      const name = variable.names[0] ?? '';
      if (pipe.assign) setVariable(name, value.value, pipe.commands.at(-1)?.args[0] ?? variable);
      else variables.push({ name, value: value.value });
    }
    return value.value;
  }

  function evaluateCommand(command: CommandNode, dot: unknown, final: Evaluated): unknown {
    const [first, ...rest] = command.args as [Operand, ...Operand[]];
    const args = { operands: rest, final };
    switch (first.kind) {
      case 'field':
        return fieldChain(first, dot, dot, first.names, args);
      case 'chain': {
        if (first.target.kind === 'nil') return failAt(first, `indirection through explicit nil in ${nodeText(first)}`);
        return fieldChain(first, operand(first.target, dot), dot, first.names, args);
      }
      case 'identifier':
        return callFunction(first, command, args, dot);
      case 'pipe':
        notAFunction(command, args);
        return pipeline(first, dot);
      case 'variable': {
        const [name = '', ...names] = first.names;
        if (names.length > 0) return fieldChain(first, lookUp(name), dot, names, args);
        notAFunction(command, args);
        return lookUp(name);
      }
      case 'nil':
        notAFunction(command, args);
        return failAt(command, 'nil is not a command');
      default:
        notAFunction(command, args);
        return constant(first, dot);
    }
  }

  interface Args {
    operands: Operand[];
    final: Evaluated;
  }

  function notAFunction(command: CommandNode, { operands, final }: Args): void {
    const [first] = command.args as [Operand];
    if (operands.length > 0 || final.present) failAt(first, `can't give argument to non-function ${nodeText(first)}`);
  }

  function lookUp(name: string): unknown {
    return variables.findLast((variable) => variable.name === name)?.value;
  }

  function constant(node: Operand, dot: unknown): unknown {
    switch (node.kind) {
      case 'dot':
        return dot;
      case 'bool':
      case 'string':
        return node.value;
      case 'number':
        return node.isFloat ? new GoFloat(Number(node.value)) : node.value;
      default:
        return failAt(node, `can't evaluate command ${nodeText(node)}`);
    }
  }

  function operand(node: Operand, dot: unknown): unknown {
    if (node.kind === 'nil') return null;
    return evaluateCommand({ kind: 'command', pos: node.pos, args: [node] }, dot, { present: false, value: undefined });
  }

  function fieldChain(node: Operand, target: unknown, dot: unknown, names: string[], args: Args): unknown {
    let value = target;
    let fromInterface = false;
    for (const [i, name] of names.entries()) {
      const last = i === names.length - 1;
      const given = last ? args : { operands: [], final: { present: false, value: undefined } };
      const found = fieldOf(value, name, options.missingKeyError, {
        fromInterface,
        fail: (message) => failAt(node, message),
        hasArguments: given.operands.length > 0 || given.final.present,
      });
      fromInterface = !found.method && hasInterfaceElements(value);
      value = found.method ? invoke(node, name, found.method, given, dot, [found.receiver as object]) : found.value;
    }
    return value;
  }

  function callFunction(
    node: Extract<Operand, { kind: 'identifier' }>,
    command: CommandNode,
    args: Args,
    dot: unknown,
  ): unknown {
    const spec = options.functions[node.name];
    if (!spec) return failAt(node, `${JSON.stringify(node.name)} is not a defined function`);
    const missing = args.operands.length + (args.final.present ? 1 : 0) < spec.params.length;
    if ((node.name === 'and' || node.name === 'or') && !missing) return shortCircuit(node.name, args, dot);
    if (node.name === 'not' && args.operands.length + (args.final.present ? 1 : 0) === 1) {
      return !isTrue(args.final.present ? args.final.value : operand(args.operands[0] as Operand, dot));
    }
    if (node.name === 'call' && args.operands[0]) checkCallable(command, args.operands[0], dot);
    return invoke(command, node.name, spec, args, dot, [], node);
  }

  function checkCallable(command: CommandNode, node: Operand, dot: unknown): void {
    const value = operand(node, dot);
    if (value === null || value === noValue || typeof value === 'function') return;
    failAt(command, `error calling call: non-function ${nodeText(node)} of type ${typeName(value)}`);
  }

  function shortCircuit(name: 'and' | 'or', { operands, final }: Args, dot: unknown): unknown {
    let value: unknown;
    for (const node of operands) {
      value = operand(node, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final.present ? final.value : value;
  }

  function invoke(
    node: Operand | CommandNode,
    name: string,
    spec: TemplateFunction | { params: TemplateFunction['params']; call: (...args: never[]) => unknown },
    args: Args,
    dot: unknown,
    receiver: object[],
    countNode: Operand = node as Operand,
  ): unknown {
    return call({
      name,
      spec,
      receiver,
      operands: args.operands,
      final: args.final,
      evaluate: (operandNode) => operand(operandNode, dot),
      failCount: (message) => failAt(countNode, message),
      failCall: (message) => failAt(node, message),
      failArgument: (operandNode, message) => failAt(operandNode, message),
    });
  }

  const main = definitions.get('') ?? [];
  try {
    run('', main, data === null || data === undefined ? noValue : data);
  } catch (error) {
    if (isDockerError(error) || !(error instanceof RangeError)) throw error;
    throw executionFailure(source, 0, templateName, '', `exceeded maximum template depth (${maxDepth})`);
  }
  return out;
}

/** The pairs that range goes over; undefined for what it cannot. */
function rangeEntries(value: unknown): [key: unknown, item: unknown][] | undefined {
  if (value === null || value === undefined || value === noValue) return [];
  if (isTypedNil(value)) return [];
  if (Array.isArray(value)) return value.map((item, i) => [i, item]);
  if (isNumber(value) && !isGoFloat(value) && typeName(value) === 'int') {
    return Array.from({ length: Math.max(Number(value), 0) }, (_, i) => [i, i]);
  }
  if (isMap(value)) return sortedKeys(value).map((key) => [key, value[key]]);
  return undefined;
}
