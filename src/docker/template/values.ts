/**
 * What Go would know of a value and JavaScript does not.
 * Without a description: a plain object is a map (of strings, if all its values are), an array a slice, an integer an int,
 * any other number a float64, null nil.
 */
export interface StructType {
  /** As error sentences name it: `*formatter.ContainerContext`, `container.State`. */
  name: string;
  /** What a null in a field stands for: its Go type (`[]string`, `map[string]string`); without an entry, a nil pointer. */
  nils?: Readonly<Record<string, string>>;
  /** Methods; those of one parameter besides the receiver can be called `{{.Label "key"}}`. */
  methods?: Readonly<Record<string, Method>>;
}

export interface Method {
  params: readonly ParamType[];
  call: (receiver: object, ...args: never[]) => unknown;
}

export type ParamType = 'string' | 'strings' | 'int' | 'any';

/** A function of templates. */
export interface TemplateFunction {
  params: readonly ParamType[];
  /** The type of any further arguments. */
  rest?: ParamType;
  /** Throws an Error whose message follows `error calling NAME: `. */
  call: (...args: never[]) => unknown;
}

const structType = Symbol.for('nerdctl.template.struct');

/** Marks an object as a Go struct with these fields in this order. The object itself is changed and returned. */
export function asStruct<T extends object>(type: StructType, value: T): T {
  Object.defineProperty(value, structType, { value: type, configurable: true, enumerable: false });
  return value;
}

export function structTypeOf(value: unknown): StructType | undefined {
  return typeof value === 'object' && value !== null
    ? ((value as Record<symbol, unknown>)[structType] as StructType | undefined)
    : undefined;
}

/** The result of a lookup that Go's reflect would call invalid; printed `<no value>`. */
export const noValue = Symbol.for('nerdctl.template.no-value');

/** A nil slice or map, which prints and counts as an empty one. */
export interface TypedNil {
  readonly nilOf: string;
}

const nilBrand = Symbol.for('nerdctl.template.nil');

export function typedNil(nilOf: string): TypedNil {
  return Object.defineProperties({ nilOf }, { [nilBrand]: { value: true }, toJSON: { value: () => null } });
}

export function isTypedNil(value: unknown): value is TypedNil {
  return typeof value === 'object' && value !== null && nilBrand in value;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !structTypeOf(value) &&
    !isTypedNil(value) &&
    !isGoFloat(value)
  );
}

export function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** `{{printf "%d" 2.0}}` must see a float: literals such as `2.0` are boxed. */
export class GoFloat {
  readonly isGoFloat = true;
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export function isGoFloat(value: unknown): value is GoFloat {
  return typeof value === 'object' && value !== null && (value as { isGoFloat?: boolean }).isGoFloat === true;
}

/** Elements of maps and slices whose element type Go would call interface {}. */
export function hasInterfaceElements(value: unknown): boolean {
  if (Array.isArray(value)) return elementType(value) === 'interface {}';
  return isMap(value) && elementType(Object.values(value)) === 'interface {}';
}

function elementType(values: readonly unknown[]): string {
  if (values.length === 0) return 'string';
  const types = new Set(values.map(typeName));
  const [only] = types;
  return types.size === 1 && only !== undefined && only !== '<nil>' && !values.some(isMap) ? only : 'interface {}';
}

/** The Go type of a value. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined || value === noValue) return '<nil>';
  if (isTypedNil(value)) return value.nilOf;
  if (isGoFloat(value)) return 'float64';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float64';
    default:
      if (Array.isArray(value)) return `[]${elementType(value)}`;
      return structTypeOf(value)?.name ?? `map[string]${elementType(Object.values(value as object))}`;
  }
}

/** What if, with, and, or and not take for true. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === noValue || isTypedNil(value)) return false;
  if (isGoFloat(value)) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return typeof value === 'bigint' ? value !== 0n : typeof value === 'object' || Boolean(value);
}

/** Map keys in the order Go prints and ranges them: by bytes. */
export function sortedKeys(map: object): string[] {
  return Object.keys(map).sort(compareStrings);
}

/** Compares by UTF-8 bytes, which is by code points. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
