import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { openSshKey } from './openssh-key.ts';
import { mpint, string } from './wire.ts';

/** A private key as an agent offers it. */
export interface SshKey {
  /** The public key of RFC 4253 section 6.6. */
  blob: Buffer;
  comment: string;
  /** @param flags of the agent protocol: which hash an RSA key is to use */
  sign(data: Uint8Array, flags: number): Buffer;
}

const RSA_SHA2_256 = 2;
const RSA_SHA2_512 = 4;

const curves: Record<string, { name: string; hash: string }> = {
  'P-256': { name: 'nistp256', hash: 'sha256' },
  'P-384': { name: 'nistp384', hash: 'sha384' },
  'P-521': { name: 'nistp521', hash: 'sha512' },
};

/**
 * Reads a private key in OpenSSH's format or a PEM one (PKCS #1, SEC 1, PKCS #8).
 * @throws Error with the reason, such as a passphrase
 */
export function parsePrivateKey(text: string, comment: string): SshKey {
  if (/-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(text))
    throw new Error('it is protected by a passphrase: give it to an agent with ssh-add, and the build that agent');
  const openSsh = openSshKey(text);
  return sshKey(openSsh ? createPrivateKey({ key: openSsh, format: 'jwk' }) : pemKey(text), comment);
}

function pemKey(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw new Error('it is no private key that is known here', { cause: error });
  }
}

function sshKey(key: KeyObject, comment: string): SshKey {
  const { kty, crv = '', x = '', y = '', n = '', e = '' } = createPublicKey(key).export({ format: 'jwk' });
  if (kty === 'RSA') {
    const blob = Buffer.concat([string('ssh-rsa'), mpint(bytes(e)), mpint(bytes(n))]);
    return { blob, comment, sign: (data, flags) => rsaSignature(key, data, flags) };
  }
  if (crv === 'Ed25519') {
    const blob = Buffer.concat([string('ssh-ed25519'), string(bytes(x))]);
    return { blob, comment, sign: (data) => signature('ssh-ed25519', sign(null, data, key)) };
  }
  const curve = curves[crv];
  if (kty !== 'EC' || !curve) throw new Error(`keys of type ${crv || kty} are not supported`);
  const type = `ecdsa-sha2-${curve.name}`;
  const point = Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]);
  return {
    blob: Buffer.concat([string(type), string(curve.name), string(point)]),
    comment,
    sign(data) {
      const both = sign(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' });
      const half = both.length / 2;
      return signature(type, Buffer.concat([mpint(both.subarray(0, half)), mpint(both.subarray(half))]));
    },
  };
}

function rsaSignature(key: KeyObject, data: Uint8Array, flags: number): Buffer {
  if (flags & RSA_SHA2_512) return signature('rsa-sha2-512', sign('sha512', data, key));
  if (flags & RSA_SHA2_256) return signature('rsa-sha2-256', sign('sha256', data, key));
  return signature('ssh-rsa', sign('sha1', data, key));
}

const signature = (type: string, value: Uint8Array): Buffer => Buffer.concat([string(type), string(value)]);
const bytes = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');
