import { fieldsOf } from './print.ts';
import { isMap, isTypedNil, type Method, noValue, structTypeOf, typeName } from './values.ts';

interface Lookup {
  /** The receiver came out of a map or slice of interface {}. */
  fromInterface: boolean;
  hasArguments: boolean;
  fail: (message: string) => never;
}

type Found =
  | { method: Method; receiver: unknown; value?: undefined }
  | { method?: undefined; receiver?: undefined; value: unknown };

/** Looks up `.name` in a value as Go does: a method, a field of a struct, a key of a map. */
export function fieldOf(
  receiver: unknown,
  name: string,
  missingKeyError: boolean,
  { fail, fromInterface, hasArguments }: Lookup,
): Found {
  if (receiver === undefined || receiver === noValue) {
    return missingKeyError ? fail(`nil data; no entry for key ${JSON.stringify(name)}`) : { value: noValue };
  }
  if (receiver === null) return fail(`nil pointer evaluating interface {}.${name}`);
  const type = structTypeOf(receiver);
  const method = type?.methods && Object.hasOwn(type.methods, name) ? type.methods[name] : undefined;
  if (method) return { method, receiver };
  if (type && Object.hasOwn(receiver as object, name)) {
    if (hasArguments) return fail(`${name} has arguments but cannot be invoked as function`);
    return { value: fieldsOf(receiver as object).find(([field]) => field === name)?.[1] };
  }
  if (isTypedNil(receiver) && receiver.nilOf.startsWith('map')) return missing(name, missingKeyError, fail);
  if (isTypedNil(receiver)) return fail(`nil pointer evaluating ${receiver.nilOf}.${name}`);
  if (!isMap(receiver))
    return fail(`can't evaluate field ${name} in type ${fromInterface ? 'interface {}' : typeName(receiver)}`);
  if (hasArguments) return fail(`${name} is not a method but has arguments`);
  if (!Object.hasOwn(receiver, name)) return missing(name, missingKeyError, fail);
  return { value: receiver[name] };
}

function missing(name: string, missingKeyError: boolean, fail: Lookup['fail']): Found {
  return missingKeyError ? fail(`map has no entry for key ${JSON.stringify(name)}`) : { value: noValue };
}
