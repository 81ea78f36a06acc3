import { invalid } from './errors.ts';

/** An image reference, normalised as the docker CLI does: `ubuntu` is domain `docker.io`, path `library/ubuntu`. */
export interface Reference {
  domain: string;
  path: string;
  tag?: string;
  /** `sha256:…` */
  digest?: string;
}

const defaultDomain = 'docker.io';
const defaultTag = 'latest';

const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const pathPart = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const domainPattern = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const digestPattern = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const referencePattern = new RegExp(
  `^(${domainPattern})/(${pathPart}(?:/${pathPart})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(${digestPattern}))?$`,
);
const digestLengths: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };

/**
 * Parses what a user typed as an image name, by the grammar of distribution/reference.
 * Neither a tag nor a digest is added: see withDefaultTag.
 * @throws DockerError `invalid`, in docker's words
 */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const [domain, remainder] = splitDomain(text);
  const colon = remainder.indexOf(':');
  const name = (colon < 0 ? remainder : remainder.slice(0, colon)).split('@')[0] ?? '';
  if (name !== name.toLowerCase()) {
    throw invalid(`invalid reference format: repository name (${name}) must be lowercase`);
  }
  const match = referencePattern.exec(`${domain}/${remainder}`);
  if (!match) throw invalid('invalid reference format');
  const [, , path = '', tag, digest] = match;
  if (path.length > 255) throw invalid('repository name must not be more than 255 characters');
  if (digest !== undefined) checkDigest(digest);
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function splitDomain(text: string): [domain: string, remainder: string] {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const isDomain = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  let domain = isDomain ? first : defaultDomain;
  let remainder = isDomain ? text.slice(slash + 1) : text;
  if (domain === 'index.docker.io') domain = defaultDomain;
  if (domain === defaultDomain && !remainder.includes('/')) remainder = `library/${remainder}`;
  return [domain, remainder];
}

/**
 * Checks `algorithm:hex`.
 * @throws DockerError `invalid`
 */
export function checkDigest(digest: string): void {
  const colon = digest.indexOf(':');
  if (colon <= 0 || colon + 1 === digest.length) throw invalid('invalid checksum digest format');
  const hex = digest.slice(colon + 1);
  const length = digestLengths[digest.slice(0, colon)];
  if (length === undefined) throw invalid('unsupported digest algorithm');
  if (hex.length !== length) throw invalid('invalid checksum digest length');
  if (!/^[a-f0-9]+$/.test(hex)) throw invalid('invalid checksum digest format');
}

/** The same reference, with tag `latest` if it has neither a tag nor a digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: defaultTag } : reference;
}

/** `docker.io/library/ubuntu`: the fully qualified repository. */
export function repositoryName(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

/** `docker.io/library/ubuntu:22.04@sha256:…`: how containerd names an image. */
export function formatReference(reference: Reference): string {
  return repositoryName(reference) + suffix(reference);
}

/** `ubuntu`, `user/tool` or `registry.example/tool`: the shortest repository name a user would type. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== defaultDomain) return repositoryName(reference);
  return /^library\/[^/]+$/.test(reference.path) ? reference.path.slice('library/'.length) : reference.path;
}

/** The familiar name with tag and digest. */
export function formatFamiliar(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

/** `ubuntu` to `docker.io/library/ubuntu:latest`: parse, default tag, print. */
export function normalizeReference(text: string): string {
  return formatReference(withDefaultTag(parseReference(text)));
}

/** As parseReference, but undefined for names that are no references (`overlayfs@sha256:…`, `:`, `<none>@…`). */
export function tryParseReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}

/** The hex digits if the text may be an image or container ID or a prefix of one, with or without `sha256:`. */
export function idPrefix(text: string): string | undefined {
  return /^(?:sha256:)?([a-f0-9]{1,64})$/.exec(text)?.[1];
}

/** The 12 digits that docker shows for an ID, without its algorithm. */
export function shortId(id: string): string {
  const colon = id.indexOf(':');
  return id.slice(colon + 1, colon + 13);
}
