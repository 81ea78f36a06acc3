import { nodeText, type Operand } from './nodes.ts';
import { isGoFloat, isNumber, isTypedNil, noValue, type ParamType, type TemplateFunction, typeName } from './values.ts';

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
  // len alone tells a missing value from nil.
  const seesMissing = name === 'len';
  let result: unknown;
  try {
    result = (spec.call as (...args: unknown[]) => unknown)(
      ...receiver,
      ...args.map(seesMissing ? (arg) => arg : orNil),
    );
  } catch (error) {
    return request.failCall(`error calling ${name}: ${(error as Error).message}`);
  }
  return result;
}

function orNil(value: unknown): unknown {
  return value === noValue ? null : value;
}

const goTypes: Record<ParamType, string> = { string: 'string', strings: '[]string', int: 'int', any: 'interface {}' };
const expected: Record<ParamType, string> = { string: 'string', strings: '', int: 'integer', any: '' };

function argument(node: Operand, type: ParamType, request: Call): unknown {
  if (node.kind === 'nil') {
    if (type === 'any') return null;
    return request.failArgument(node, `cannot assign nil to ${goTypes[type]}`);
  }
  const isConstant = node.kind === 'string' || node.kind === 'number' || node.kind === 'bool';
  if (isConstant && type === 'strings') {
    return request.failArgument(node, `can't handle ${nodeText(node)} for arg of type []string`);
  }
  if (isConstant && type !== 'any') {
    const fits = type === 'string' ? node.kind === 'string' : node.kind === 'number' && !node.isFloat;
    if (!fits) return request.failArgument(node, `expected ${expected[type]}; found ${nodeText(node)}`);
  }
  const value = request.evaluate(node);
  return checked(value, type, (message) => request.failArgument(node, message));
}

function isStrings(value: unknown): boolean {
  return isTypedNil(value) ? value.nilOf === '[]string' : Array.isArray(value) && typeName(value) === '[]string';
}

function checked(value: unknown, type: ParamType, fail: (message: string) => never): unknown {
  if (type === 'any') return value;
  if (value === undefined || value === noValue) return fail(`invalid value; expected ${goTypes[type]}`);
  if (value === null) return fail(`wrong type for value; expected ${goTypes[type]}; got interface {}`);
  const fits =
    type === 'string'
      ? typeof value === 'string'
      : type === 'strings'
        ? isStrings(value)
        : isNumber(value) && !isGoFloat(value) && Number.isInteger(Number(value));
  if (!fits) return fail(`wrong type for value; expected ${goTypes[type]}; got ${typeName(value)}`);
  return type === 'int' ? Number(value) : value;
}
