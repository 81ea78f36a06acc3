import { nodeText, type Operand } from './nodes.ts';
import { isGoFloat, isNumber, noValue, type ParamType, type TemplateFunction, typeName } from './values.ts';

/** The value that the stage before in a pipeline gave, if there is one. */
export interface Evaluated {
  present: boolean;
  value: unknown;
}

interface Call {
  name: string;
  spec: Pick<TemplateFunction, 'params' | 'rest' | 'call'>;
  receiver: object[];
  operands: Operand[];
  final: Evaluated;
  evaluate: (node: Operand) => unknown;
  failCount: (message: string) => never;
  failCall: (message: string) => never;
  failArgument: (node: Operand, message: string) => never;
}

/** Calls a function or method after Go's checks of the number and the types of its arguments. */
export function call(request: Call): unknown {
  const { name, spec, receiver, operands, final } = request;
  const count = operands.length + (final.present ? 1 : 0);
  const want = spec.params.length;
  if (spec.rest === undefined ? count !== want : count < want) {
    const least = spec.rest === undefined ? '' : 'at least ';
    return request.failCount(`wrong number of args for ${name}: want ${least}${want} got ${count}`);
  }
  const typeAt = (i: number): ParamType => spec.params[i] ?? spec.rest ?? 'any';
  const args = operands.map((node, i) => argument(node, typeAt(i), request));
  if (final.present) args.push(checked(final.value, typeAt(operands.length), request.failCall));
  let result: unknown;
  try {
    result = (spec.call as (...args: unknown[]) => unknown)(...receiver, ...args);
  } catch (error) {
    return request.failCall(`error calling ${name}: ${(error as Error).message}`);
  }
  return result;
}

const goTypes: Record<ParamType, string> = { string: 'string', int: 'int', any: 'interface {}' };
const expected: Record<ParamType, string> = { string: 'string', int: 'integer', any: '' };

function argument(node: Operand, type: ParamType, request: Call): unknown {
  if (node.kind === 'nil') {
    if (type === 'any') return null;
    return request.failArgument(node, `cannot assign nil to ${goTypes[type]}`);
  }
  const isConstant = node.kind === 'string' || node.kind === 'number' || node.kind === 'bool';
  if (isConstant && type !== 'any') {
    const fits = type === 'string' ? node.kind === 'string' : node.kind === 'number' && !node.isFloat;
    if (!fits) return request.failArgument(node, `expected ${expected[type]}; found ${nodeText(node)}`);
  }
  const value = request.evaluate(node);
  return checked(value, type, (message) => request.failArgument(node, message));
}

function checked(value: unknown, type: ParamType, fail: (message: string) => never): unknown {
  if (type === 'any') return value;
  if (value === null || value === undefined || value === noValue)
    return fail(`invalid value; expected ${goTypes[type]}`);
  const fits =
    type === 'string'
      ? typeof value === 'string'
      : isNumber(value) && !isGoFloat(value) && Number.isInteger(Number(value));
  if (!fits) return fail(`wrong type for value; expected ${goTypes[type]}; got ${typeName(value)}`);
  return type === 'int' ? Number(value) : value;
}
