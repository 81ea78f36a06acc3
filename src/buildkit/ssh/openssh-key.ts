import type { JsonWebKey } from 'node:crypto';
import { type WireReader, wireReader } from './wire.ts';

const MAGIC = 'openssh-key-v1\0';

const curves: Record<string, string> = { nistp256: 'P-256', nistp384: 'P-384', nistp521: 'P-521' };

/**
 * Reads OpenSSH's own format (PROTOCOL.key of OpenSSH), which node:crypto does not know.
 * @returns undefined when it is another format
 * @throws Error with the reason
 */
export function openSshKey(text: string): JsonWebKey | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('it is damaged');
  try {
    return readKey(wireReader(bytes.subarray(MAGIC.length)));
  } catch (error) {
    if (error instanceof RangeError) throw new Error('it is damaged', { cause: error });
    throw error;
  }
}

function readKey(file: WireReader): JsonWebKey {
  const cipher = file.string().toString();
  if (cipher !== 'none')
    throw new Error('it is protected by a passphrase: give it to an agent with ssh-add, and the build that agent');
  // The key derivation and its options, of which a key without passphrase has none.
  file.string();
  file.string();
  if (file.uint32() !== 1) throw new Error('it holds more than one key');
  file.string();
  const secret = wireReader(file.string());
  const check = secret.uint32();
  if (secret.uint32() !== check) throw new Error('it is damaged');
  const type = secret.string().toString();
  if (type === 'ssh-ed25519') return ed25519(secret);
  if (type === 'ssh-rsa') return rsa(secret);
  if (type.startsWith('ecdsa-sha2-')) return ecdsa(secret, type);
  throw new Error(`keys of type ${type} are not supported`);
}

function ed25519(secret: WireReader): JsonWebKey {
  const x = secret.string();
  const d = secret.string().subarray(0, 32);
  return { kty: 'OKP', crv: 'Ed25519', x: base64url(x), d: base64url(d) };
}

function ecdsa(secret: WireReader, type: string): JsonWebKey {
  const crv = curves[secret.string().toString()];
  const point = secret.string();
  const size = (point.length - 1) / 2;
  if (crv === undefined || point[0] !== 4) throw new Error(`keys of type ${type} are not supported`);
  const d = unsigned(secret.string());
  const padded = Buffer.concat([Buffer.alloc(Math.max(0, size - d.length)), d]);
  const x = base64url(point.subarray(1, 1 + size));
  return { kty: 'EC', crv, x, y: base64url(point.subarray(1 + size)), d: base64url(padded) };
}

function rsa(secret: WireReader): JsonWebKey {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => unsigned(secret.string()));
  const exponent = (prime: Buffer) => fromNumber(toNumber(d!) % (toNumber(prime) - 1n));
  const parts = { n: n!, e: e!, d: d!, p: p!, q: q!, dp: exponent(p!), dq: exponent(q!), qi: qi! };
  return { kty: 'RSA', ...Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, base64url(value)])) };
}

const unsigned = (bytes: Buffer): Buffer => (bytes[0] === 0 ? bytes.subarray(1) : bytes);
const toNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);
const base64url = (bytes: Buffer): string => bytes.toString('base64url');

function fromNumber(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
}
