import { createHmac, createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  CredentialsRequest,
  CredentialsResponse,
  FetchTokenRequest,
  FetchTokenResponse,
  GetTokenAuthorityRequest,
  GetTokenAuthorityResponse,
  VerifyTokenAuthorityRequest,
  VerifyTokenAuthorityResponse,
} from '../../gen/moby/filesync/v1/auth.ts';
import type { Handler } from '../../grpc/server.ts';
import { unary } from './unary.ts';

/** A user name and its password, or no name and an identity token. */
export interface RegistryLogin {
  username: string;
  secret: string;
}

export interface TokenRequest {
  /** Of the registry, as BuildKit calls it: `registry-1.docker.io` is Docker Hub. */
  host: string;
  /** The token server, from the registry's challenge. */
  realm: string;
  service: string;
  scopes: string[];
  clientId: string;
}

export interface RegistryToken {
  token: string;
  /** Seconds; a minute where the server does not say. */
  expiresIn?: number;
  issuedAt?: Date;
}

export interface AuthOptions {
  /** Undefined where there is none: anonymous. */
  login(host: string, signal: AbortSignal): Promise<RegistryLogin | undefined>;
  /** With it BuildKit sees tokens and never a secret, where the registry works with tokens. */
  fetchToken?(request: TokenRequest, signal: AbortSignal): Promise<RegistryToken>;
  /** Sixteen or more secret bytes, the same for a host each time: BuildKit shares a token between builds with the same. */
  seed?(host: string): Promise<Uint8Array>;
}

const SERVICE = '/moby.filesync.v1.Auth';
/** Before the seed of a private key: PKCS #8 of RFC 8410. */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ED25519_SEED = 32;

/** Registry credentials for BuildKit's pulls and pushes. */
export function authService(options: AuthOptions): [string, Handler][] {
  const { login, fetchToken } = options;
  const seeds = new Map<string, Uint8Array>();

  async function seedOf(host: string): Promise<Uint8Array> {
    if (options.seed) return options.seed(host);
    const seed = seeds.get(host) ?? randomBytes(32);
    seeds.set(host, seed);
    return seed;
  }

  /** Of a host and what BuildKit salts it with: it proves to be the one whose token BuildKit keeps. */
  async function authority(host: string, salt: Uint8Array, signal: AbortSignal): Promise<KeyObject> {
    const found = await login(host, signal);
    const mac = createHmac('sha256', salt);
    if (found?.secret) mac.update(await seedOf(host));
    const key = Buffer.concat([ED25519_PKCS8, mac.digest().subarray(0, ED25519_SEED)]);
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }

  const handlers: [string, Handler][] = [
    [
      `${SERVICE}/Credentials`,
      unary(CredentialsRequest, CredentialsResponse, async ({ Host }, { signal }) => {
        const { username: Username = '', secret: Secret = '' } = (await login(Host, signal)) ?? {};
        return { Username, Secret };
      }),
    ],
  ];
  if (!fetchToken) return handlers;
  return [
    ...handlers,
    [
      `${SERVICE}/FetchToken`,
      unary(FetchTokenRequest, FetchTokenResponse, async (request, { signal }) => {
        const { Host: host, Realm: realm, Service: service, Scopes: scopes, ClientID: clientId } = request;
        const {
          token,
          expiresIn = 60,
          issuedAt,
        } = await fetchToken({ host, realm, service, scopes, clientId }, signal);
        const IssuedAt = issuedAt ? Math.floor(issuedAt.getTime() / 1000) : 0;
        return { Token: token, ExpiresIn: expiresIn, IssuedAt };
      }),
    ],
    [
      `${SERVICE}/GetTokenAuthority`,
      unary(GetTokenAuthorityRequest, GetTokenAuthorityResponse, async ({ Host, Salt }, { signal }) => {
        const spki = createPublicKey(await authority(Host, Salt, signal)).export({ format: 'der', type: 'spki' });
        return { PublicKey: spki.subarray(-32) };
      }),
    ],
    [
      `${SERVICE}/VerifyTokenAuthority`,
      // As NaCl's crypto_sign: the signature, then what it signs.
      unary(VerifyTokenAuthorityRequest, VerifyTokenAuthorityResponse, async (request, { signal }) => {
        const key = await authority(request.Host, request.Salt, signal);
        return { Signed: Buffer.concat([sign(null, request.Payload, key), request.Payload]) };
      }),
    ],
  ];
}
