import { DockerError } from './errors.ts';
import { quote } from './values/go-quote.ts';

/** A platform of the OCI image index, normalised as containerd does. */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  osVersion?: string;
}

const component = '^[A-Za-z0-9_.-]+$';
/** A system, its version, and its features. */
const system = '^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$';
const systems = [
  'aix',
  'android',
  'darwin',
  'dragonfly',
  'freebsd',
  'illumos',
  'ios',
  'js',
  'linux',
  'netbsd',
  'openbsd',
  'plan9',
  'solaris',
  'wasip1',
  'windows',
  'zos',
];
const architectures = [
  '386',
  'amd64',
  'amd64p32',
  'arm',
  'arm64',
  'arm64be',
  'armbe',
  'loong64',
  'mips',
  'mips64',
  'mips64le',
  'mips64p32',
  'mips64p32le',
  'mipsle',
  'ppc',
  'ppc64',
  'ppc64le',
  'riscv',
  'riscv64',
  's390',
  's390x',
  'sparc',
  'sparc64',
  'wasm',
];

/**
 * `linux/arm64/v8`, `arm64`, `linux`, `x86_64`: a missing part comes from the host, aliases are normalised.
 * Without a host both os and architecture must be there.
 * @throws DockerError `invalid`, in containerd's words
 */
export function parsePlatform(text: string, host?: Platform): Platform {
  const [osText = '', ...rest] = splitUpTo(text, 4);
  const [, os, osVersion] = new RegExp(system).exec(osText) ?? [];
  if (os === undefined) {
    throw invalid(
      `${quote(osText)} is an invalid OS component of ${quote(text)}: OSAndVersion specifier component must match ${quote(system)}`,
    );
  }
  const wrong = rest.find((part) => !new RegExp(component).test(part));
  if (wrong !== undefined) {
    throw invalid(
      `${quote(wrong)} is an invalid component of ${quote(text)}: platform specifier component must match ${quote(component)}`,
    );
  }
  const version = osVersion ? { osVersion } : {};
  const [first = '', second, third] = [os, ...rest].map((part) => part.toLowerCase());
  if (rest.length > 2 || (second === undefined && !host)) {
    throw invalid(`${quote(text)}: cannot parse platform specifier`);
  }
  if (second === undefined && host) return { ...parseSingle(text, first, host), ...version };
  return normalizePlatform({ os: first, architecture: second ?? '', ...(third && { variant: third }), ...version });
}

/** As Go's SplitN: the last part has the rest. */
function splitUpTo(text: string, count: number): string[] {
  const parts = text.split('/');
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join('/')];
}

function parseSingle(text: string, name: string, host: Platform): Platform {
  const os = name === 'macos' ? 'darwin' : name;
  if (systems.includes(os)) {
    return normalizePlatform({ os, architecture: host.architecture, ...(host.variant && { variant: host.variant }) });
  }
  const platform = normalizePlatform({ os: host.os, architecture: name });
  if (!architectures.includes(platform.architecture)) {
    throw invalid(`${quote(text)}: unknown operating system or architecture`);
  }
  return platform;
}

function invalid(sentence: string): DockerError {
  return new DockerError('invalid', `${sentence}: invalid argument`);
}

/** Go's names for what uname, Debian and others call an architecture; default variants are dropped (arm64) or made explicit (arm). */
export function normalizePlatform(platform: Platform): Platform {
  const { architecture, variant } = normalizeArchitecture(
    platform.architecture.toLowerCase(),
    platform.variant?.toLowerCase() ?? '',
  );
  return {
    os: platform.os.toLowerCase() === 'macos' ? 'darwin' : platform.os.toLowerCase(),
    architecture,
    ...(variant !== '' && { variant }),
    ...(platform.osVersion && { osVersion: platform.osVersion }),
  };
}

function normalizeArchitecture(name: string, variant: string): { architecture: string; variant: string } {
  switch (name) {
    case 'i386':
    case 'i686':
      return { architecture: '386', variant: '' };
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: variant === 'v1' ? '' : variant };
    case 'aarch64':
    case 'arm64':
      return { architecture: 'arm64', variant: variant === '8' || variant === 'v8' ? '' : variant };
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' };
    case 'armel':
      return { architecture: 'arm', variant: 'v6' };
    case 'armv7l':
    case 'armv7':
      return { architecture: 'arm', variant: 'v7' };
    case 'armv6l':
      return { architecture: 'arm', variant: 'v6' };
    case 'arm':
      return {
        architecture: 'arm',
        variant: variant === '' ? 'v7' : /^[5-8]$/.test(variant) ? `v${variant}` : variant,
      };
    default:
      return { architecture: name, variant };
  }
}

const nodeArchitectures: Record<string, string> = { x64: 'amd64', ia32: '386', mipsel: 'mipsle' };

/** The platform of a machine from Node's process.platform and process.arch. */
export function hostPlatform(platform: string, arch: string, armVersion?: string): Platform {
  const architecture = nodeArchitectures[arch] ?? arch;
  const os = platform === 'win32' ? 'windows' : platform;
  return normalizePlatform({
    os,
    architecture,
    ...(architecture === 'arm' && armVersion && { variant: `v${armVersion}` }),
  });
}

/** `linux/arm/v7`: containerd's format. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/**
 * What a machine of the wanted platform can run, best first: 0 is the same platform, undefined is not at all.
 * arm64 runs arm, arm/v7 runs v6 and v5, amd64 runs 386 and lower levels (containerd platforms.Only).
 */
export function platformRank(wanted: Platform, offered: Platform): number | undefined {
  const candidates = runnable(normalizePlatform(wanted)).map(formatPlatform);
  const rank = candidates.indexOf(formatPlatform(normalizePlatform(offered)));
  return rank < 0 ? undefined : rank;
}

/** Whether a machine of the wanted platform can run the offered one. */
export function matchPlatform(wanted: Platform, offered: Platform): boolean {
  return platformRank(wanted, offered) !== undefined;
}

/** The same platform after normalising, and no other (containerd platforms.OnlyStrict). */
export function isSamePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(normalizePlatform(a)) === formatPlatform(normalizePlatform(b));
}

function runnable(platform: Platform): Platform[] {
  const { os, architecture, variant = '' } = platform;
  const make = (name: string, level?: string): Platform => ({
    os,
    architecture: name,
    ...(level && { variant: level }),
  });
  const down = (name: string, from: number, to: number): Platform[] =>
    Array.from({ length: Math.max(from - to + 1, 0) }, (_, i) => make(name, `v${from - i}`));
  const level = Number(/^v(\d+)$/.exec(variant)?.[1] ?? 0);
  switch (architecture) {
    case 'amd64':
      return [...down('amd64', level, 2), make('amd64'), make('386')];
    case 'arm64':
      return [...(level > 8 ? down('arm64', level, 9) : []), platform, make('arm64'), ...down('arm', 8, 5)];
    case 'arm':
      return down('arm', level || 7, 5);
    default:
      return [platform];
  }
}

/** The best of several for a wanted platform, or undefined. Ties keep their order. */
export function choosePlatform<T>(
  wanted: Platform,
  items: readonly T[],
  platformOf: (item: T) => Platform | undefined,
): T | undefined {
  let best: { item: T; rank: number } | undefined;
  for (const item of items) {
    const platform = platformOf(item);
    const rank = platform && platformRank(wanted, platform);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { item, rank };
  }
  return best?.item;
}
