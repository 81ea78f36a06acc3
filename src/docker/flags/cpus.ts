import { DockerError } from '../errors.ts';

/**
 * A value of --cpus as `HostConfig.NanoCpus`: a decimal or a fraction, exact to 1e-9.
 * @throws DockerError `invalid`
 */
export function parseCpus(text: string): number {
  const rational = parseRational(text.replace(/(?<=\d)_(?=\d)/g, ''));
  if (!rational) throw new DockerError('invalid', `failed to parse ${text} as a rational number`);
  const nano = rational.numerator * 1_000_000_000n;
  if (nano % rational.denominator !== 0n) throw new DockerError('invalid', 'value is too precise');
  return Number(nano / rational.denominator);
}

function parseRational(text: string): { numerator: bigint; denominator: bigint } | undefined {
  const fraction = /^([+-]?\d+)\/(\d+)$/.exec(text);
  if (fraction) {
    const denominator = BigInt(fraction[2] ?? 0);
    return denominator === 0n ? undefined : { numerator: BigInt(Number(fraction[1])), denominator };
  }
  if (/^0x[0-9a-f]+$/i.test(text)) return { numerator: BigInt(text), denominator: 1n };
  const decimal = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (!decimal) return undefined;
  const [, sign, whole = '', places = '', onlyPlaces = '', exponent = '0'] = decimal;
  const digits = places + onlyPlaces;
  const power = Number(exponent) - digits.length;
  const numerator = BigInt(`${whole}${digits}`) * (sign === '-' ? -1n : 1n);
  return power >= 0
    ? { numerator: numerator * 10n ** BigInt(power), denominator: 1n }
    : { numerator, denominator: 10n ** BigInt(-power) };
}
