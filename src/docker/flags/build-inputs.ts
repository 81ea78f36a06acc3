import { DockerError, invalid } from '../errors.ts';
import { familiarName, formatFamiliar, parseReference } from '../reference.ts';
import { quote } from '../values/go-quote.ts';
import { isIp } from '../values/ip.ts';
import type { Lookup } from './env.ts';

/**
 * The values of --build-arg, `KEY=VALUE`; a key alone takes the caller's value, or is left out without one.
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseBuildArgs(values: readonly string[], lookup: Lookup): Record<string, string> {
  return parsePairs(values, lookup);
}

/**
 * The values of --label of a build, `KEY=VALUE` or `KEY`.
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseBuildLabels(values: readonly string[]): Record<string, string> {
  return parsePairs(values, () => '');
}

function parsePairs(values: readonly string[], bare: Lookup): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const value of values) {
    const equals = value.indexOf('=');
    const key = equals < 0 ? value : value.slice(0, equals);
    if (key === '') throw invalid(`invalid key-value pair ${quote(value)}: empty key`);
    const text = equals < 0 ? bare(key) : value.slice(equals + 1);
    if (text !== undefined) pairs[key] = text;
  }
  return pairs;
}

/**
 * The values of --build-context, `NAME=SOURCE`, by name; a name is an image's, without `:latest`.
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseBuildContexts(values: readonly string[]): Record<string, string> {
  const contexts: Record<string, string> = {};
  for (const value of values.filter((each) => each !== '')) {
    const equals = value.indexOf('=');
    if (equals < 0) throw invalid(`invalid context value: ${value}, expected key=value`);
    contexts[contextName(value.slice(0, equals))] = value.slice(equals + 1);
  }
  return contexts;
}

function contextName(name: string): string {
  try {
    const reference = parseReference(name);
    return reference.tag === 'latest' && reference.digest === undefined
      ? familiarName(reference)
      : formatFamiliar(reference);
  } catch (cause) {
    throw new DockerError('invalid', `invalid context name ${name}: ${(cause as Error).message}`, { cause });
  }
}

const entitlements = /^(?:network\.host|security\.insecure|device(?:=.*)?)$/;

/**
 * The values of --allow.
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseEntitlements(values: readonly string[]): string[] {
  const wanted = values.filter((value) => value !== '');
  const unknown = wanted.find((value) => !entitlements.test(value));
  if (unknown !== undefined) throw invalid(`unknown entitlement ${unknown}`);
  return wanted;
}

/**
 * The values of --add-host of a build, `HOST=IP[,IP]` or `HOST:IP`, as BuildKit takes them.
 * @param gateway what `host-gateway` stands for; undefined when it is not known
 * @throws DockerError `invalid`, in buildx's words
 */
export function buildHosts(values: readonly string[], gateway: string | undefined): string {
  return values.flatMap((value) => hostEntries(value, gateway)).join(',');
}

function hostEntries(value: string, gateway: string | undefined): string[] {
  const [, host, text] = /^([^=]+)=(.+)$/.exec(value) ?? /^([^:=]+):(.+)$/.exec(value) ?? [];
  if (host === undefined || text === undefined) throw invalid(`invalid host ${value}`);
  if (text === 'host-gateway') {
    if (gateway === undefined) {
      throw invalid('unable to derive the IP value for host-gateway: write the address instead');
    }
    return [`${host}=${gateway}`];
  }
  return text.split(',').map((each) => {
    const address = /^\[(.+)\]$/.exec(each)?.[1] ?? each;
    if (!isIp(address)) throw invalid(`invalid host ${value}`);
    return `${host}=${address}`;
  });
}
