import { asStruct, type StructType } from '../template/values.ts';

/**
 * An object with every key of `zero`, in its order, with what is given (undefined counts as not given) or the zero value.
 * Keys whose zero is undefined are docker's `omitempty` fields: absent from JSON, known to templates. Further keys follow.
 */
export function fill<T extends object>(type: StructType, zero: T, given: Partial<T> = {}): T {
  const result: Record<string, unknown> = { ...(zero as Record<string, unknown>) };
  for (const [key, value] of Object.entries(given)) if (value !== undefined) result[key] = value;
  return asStruct(type, result as T);
}
