import type { DockerContainer, DockerImage, DockerNetwork, DockerVolume } from './docker-api.ts';

export interface DockerContents {
  images: readonly DockerImage[];
  volumes: readonly DockerVolume[];
  containers: readonly DockerContainer[];
  networks: readonly DockerNetwork[];
}

export interface OwnContents {
  /** Familiar name → the IDs that docker may call the image by: of its config, and of its manifest or index. */
  images: ReadonlyMap<string, readonly string[]>;
  volumes: ReadonlySet<string>;
}

export type Step =
  /** Under those of its names that are not here. */
  | { kind: 'load'; names: string[]; size: number }
  /** The image is here, under another name. */
  | { kind: 'tag'; source: string; names: string[] }
  | { kind: 'copy'; volume: DockerVolume }
  /** What such a volume holds is elsewhere: its options say where. */
  | { kind: 'create'; volume: DockerVolume };

export interface Plan {
  steps: Step[];
  /** What is here already. */
  present: { images: number; volumes: number };
  /** What does not fit, and why. */
  left: { what: string; why: string }[];
}

/** What to bring over from docker. What is here stays as it is, so that a move may be made again. */
export function planMigration(docker: DockerContents, own: OwnContents): Plan {
  const plan: Plan = { steps: [], present: { images: 0, volumes: 0 }, left: [] };
  for (const image of docker.images) planImage(plan, image, own);
  planNameless(plan, docker.images);
  for (const volume of docker.volumes) planVolume(plan, volume, docker.containers, own);
  planAnonymous(plan, docker.volumes);
  const networks = docker.networks.map(({ Name }) => Name).filter((name) => !['bridge', 'host', 'none'].includes(name));
  if (networks.length > 0) leave(plan, list('network', networks), 'make them again with network create');
  const containers = docker.containers.map(({ Names }) => Names[0]?.replace(/^\//, '') ?? '');
  if (containers.length > 0) leave(plan, list('container', containers), 'make them again with run');
  return plan;
}

function planImage(plan: Plan, { Id, RepoTags, Size }: DockerImage, own: OwnContents): void {
  const isHere = (name: string) => own.images.get(name)?.includes(Id) ?? false;
  const names = tagsOf(RepoTags);
  const taken = names.filter((name) => own.images.has(name) && !isHere(name));
  for (const name of taken) leave(plan, `image ${name}`, 'another image has that name here');
  const missing = names.filter((name) => !own.images.has(name));
  if (missing.length === 0) {
    if (names.length > taken.length) plan.present.images++;
    return;
  }
  const source = [...own.images].find(([, ids]) => ids.includes(Id))?.[0];
  plan.steps.push(
    source === undefined ? { kind: 'load', names: missing, size: Size } : { kind: 'tag', source, names: missing },
  );
}

function planNameless(plan: Plan, images: readonly DockerImage[]): void {
  const nameless = images.filter(({ RepoTags }) => tagsOf(RepoTags).length === 0);
  const digests = nameless.flatMap(({ RepoDigests }) =>
    (RepoDigests ?? []).filter((name) => !name.startsWith('<none>')),
  );
  for (const name of digests) leave(plan, `image ${name}`, 'it has no tag: pull it by its digest');
  const rest = nameless.length - digests.length;
  if (rest > 0) leave(plan, count(rest, 'image'), 'they have no name');
}

function planVolume(plan: Plan, volume: DockerVolume, containers: readonly DockerContainer[], own: OwnContents): void {
  const { Name, Driver, Options } = volume;
  if (isAnonymous(volume)) return;
  if (own.volumes.has(Name)) {
    plan.present.volumes++;
    return;
  }
  if (Driver !== 'local') {
    leave(plan, `volume ${Name}`, `its driver is ${Driver}`);
    return;
  }
  if (Object.keys(Options ?? {}).length > 0) {
    plan.steps.push({ kind: 'create', volume });
    return;
  }
  const user = containers.find(
    ({ State, Mounts }) =>
      State === 'running' && Mounts.some((mount) => mount.Type === 'volume' && mount.Name === Name),
  );
  if (!user) {
    plan.steps.push({ kind: 'copy', volume });
    return;
  }
  const name = user.Names[0]?.replace(/^\//, '');
  leave(plan, `volume ${Name}`, `container ${name} is writing to it: stop that, and run this again`);
}

function planAnonymous(plan: Plan, volumes: readonly DockerVolume[]): void {
  const anonymous = volumes.filter(isAnonymous).length;
  if (anonymous > 0) leave(plan, count(anonymous, 'volume'), 'they have no name of their own');
}

function isAnonymous({ Name, Labels }: DockerVolume): boolean {
  return /^[0-9a-f]{64}$/.test(Name) || Object.hasOwn(Labels ?? {}, 'com.docker.volume.anonymous');
}

function tagsOf(tags: readonly string[] | null): string[] {
  return (tags ?? []).filter((tag) => tag !== '<none>:<none>');
}

function leave(plan: Plan, what: string, why: string): void {
  plan.left.push({ what, why });
}

function list(noun: string, names: readonly string[]): string {
  return `${count(names.length, noun)} (${names.join(', ')})`;
}

/** `1 image`, `2 images` */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
