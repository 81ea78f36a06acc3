export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string, or nothing, as Go reads a field. */
export const isText = (value: unknown): boolean => typeof (value ?? '') === 'string';
