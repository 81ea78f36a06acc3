import type { Cli } from '../../cli/command.ts';
import type { Offer, WordRequest, WordSource, WordSources } from '../../cli/complete/expression.ts';
import { parseCopyEnd } from '../../docker/copy-paths.ts';
import type { NamedContainer } from '../../engine/names.ts';

type Names = typeof import('../../engine/names.ts');

const platforms = `linux/386 linux/amd64 linux/arm linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm64 linux/arm64/v8
linux/ppc64le linux/riscv64 linux/s390x`.split(/\s/);

const images = names(async (all, cli) => all.imageNames(await cli.engine()));
const networks = names(async (all, cli) => all.networkNames(await cli.engine()));
const volumes = names(async (all, cli) => all.volumeNames(await cli.engine()));

/** What `<name>` stands for in the `complete` of flags and arguments. */
export const wordSources: WordSources = {
  bool: () => ['true', 'false'],
  capabilities: async () => ['ALL', ...(await import('../../docker/values/capabilities.ts')).allCapabilities],
  containers: containers(() => true),
  'container-paths': containerPaths,
  env: (_, cli) => Object.keys(cli.env),
  images,
  mount: async (request, cli) => (await import('./mount.ts')).mountWords(request, () => volumes(request, cli)),
  namespaces: names(async (all, cli) => all.namespaceNames(await cli.engine())),
  'network-drivers': () => ['bridge', 'host', 'ipvlan', 'macvlan', 'null'],
  networks,
  objects,
  paused: containers(({ state }) => state === 'paused'),
  platforms: () => platforms,
  // Without --force, rm takes what has stopped.
  removable: containers(({ state }, { flags }) => state === 'stopped' || flags.get('force') === true),
  running: containers(({ state }) => state !== 'stopped'),
  signals: async () => (await import('../../docker/values/signals.ts')).signalNames(),
  states: () => ['created', 'dead', 'exited', 'paused', 'removing', 'restarting', 'running'],
  stopped: containers(({ state }) => state === 'stopped'),
  ulimits: async () => (await import('../../docker/flags/ulimit.ts')).ulimitNames.map((name) => `${name}=`),
  unpaused: containers(({ state }) => state === 'running'),
  volumes,
  // One with a slash is a path of the host.
  'volume-sources': async (request, cli) =>
    /^[./~]/.test(request.word)
      ? { words: [], paths: 'files' }
      : (await volumes(request, cli)).map((name) => `${name}:`),
};

/** No command line names a thing twice. */
function names(list: (all: Names, cli: Cli) => Promise<string[]>) {
  return async ({ args }: WordRequest, cli: Cli): Promise<string[]> =>
    (await list(await import('../../engine/names.ts'), cli)).filter((name) => !args.includes(name));
}

function containers(wanted: (container: NamedContainer, request: WordRequest) => boolean): WordSource {
  return (request, cli) =>
    names(async (all, { env, engine }) => {
      const found = await all.namedContainers(await engine());
      const ids = env.DOCKER_COMPLETION_SHOW_CONTAINER_IDS === 'yes';
      return found.filter((each) => wanted(each, request)).flatMap(({ id, name }) => (ids ? [name, id] : [name]));
    })(request, cli);
}

/** What inspect takes: of each kind, or of that of its --type. */
async function objects(request: WordRequest, cli: Cli): Promise<string[]> {
  const kinds = { container: wordSources.containers!, image: images, network: networks, volume: volumes };
  const type = request.flags.get('type') ?? '';
  const wanted = Object.entries(kinds).filter(([kind]) => type === '' || type === kind);
  const found = await Promise.all(wanted.map(async ([, source]) => (await source(request, cli)) as string[]));
  return found.flat();
}

/** The other end of a copy is a file of this machine. */
async function containerPaths(request: WordRequest, cli: Cli): Promise<Offer> {
  const [first] = request.args;
  if (first !== undefined && parseCopyEnd(first).container !== undefined) return { words: [], paths: 'files' };
  const found = (await wordSources.containers!(request, cli)) as readonly string[];
  const words = found.map((name) => `${name}:`).filter((name) => name.startsWith(request.word));
  return { words, ...(first === undefined && { paths: 'files' as const }) };
}
