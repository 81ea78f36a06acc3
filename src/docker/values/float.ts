/**
 * Go's `%.Ng`: N significant digits, trailing zeros dropped, exponent form below 1e-4 or from 1e21 (`precision < 0`:
 * the shortest form that reads back) or from 1eN on.
 */
export function formatG(value: number, precision = -1, exponentFrom = precision < 0 ? 21 : precision || 1): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = (
    precision < 0 ? value.toExponential() : value.toExponential(Math.max(precision, 1) - 1)
  ).split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  if (exponent < -4 || exponent >= exponentFrom) return `${digits}e${goExponent(exponent)}`;
  return plain(digits, exponent);
}

/** Go writes at least two exponent digits. */
export function goExponent(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function plain(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0');
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** Go's `%.Nf`: as toFixed, but what lies exactly between two goes to the even one. */
export function formatFixed(value: number, places: number): string {
  const scaled = value * 10 ** places;
  // A double lies exactly between only if it is a multiple of a power of two, and then the product is exact too.
  const between = Number.isInteger(value * 2 ** (places + 1)) && Math.abs(scaled % 1) === 0.5;
  if (!between) return value.toFixed(places);
  return ((2 * Math.round(scaled / 2)) / 10 ** places).toFixed(places);
}
