import { DockerError } from '../errors.ts';

/**
 * A decimal integer in the words of Go's strconv.ParseInt. Values beyond 2^53 lose precision, as all our numbers do.
 * @throws DockerError `invalid`
 */
export function parseInt64(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new DockerError('invalid', `strconv.ParseInt: parsing "${text}": invalid syntax`);
  const value = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, value) !== value) {
    throw new DockerError('invalid', `strconv.ParseInt: parsing "${text}": value out of range`);
  }
  return Number(value);
}
