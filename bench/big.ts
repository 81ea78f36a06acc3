import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../test/harness/engines.ts';
import { writeBigImages } from './big-images.ts';
import type { Bench, Program } from './program.ts';
import { startRegistry } from './registry.ts';

const rounds = 3;

/** Load, save, push and pull of 500 MB in ten layers, the last also with half of them there. */
export async function compareBigImages({ lane, programs, ctr, call, quietly, command, compare }: Bench): Promise<void> {
  const archive = join(lane.dir, 'big.tar');
  await writeBigImages(archive);
  const forget = (p: Program, names: string[]) => quietly(p, ['rmi', '-f', ...names]);
  const forgetInCtr = async (names: string[]) => {
    await quietly(ctr, ['images', 'rm', '--sync', ...names]);
  };
  await compare(
    'load of 500 MB',
    programs.map((p) => command(p, ['load', '-q', '-i', archive], () => forget(p, ['big', 'half']))),
    rounds,
  );
  for (const p of programs) await call(p, ['load', '-q', '-i', archive]);
  const saved = join(lane.dir, 'saved.tar');
  const removeSaved = async () => rmSync(saved, { force: true });
  await compare(
    'save of 500 MB',
    programs.map((p) => command(p, ['save', '-o', saved, 'big'], removeSaved)),
    rounds,
  );
  const registry = await startRegistry(lane.dir);
  if (registry === undefined) {
    console.log('push, pull: this machine lacks docker-registry (package docker-registry)');
    return;
  }
  const [big, half] = [`${registry.host}/big`, `${registry.host}/half`] as const;
  // Podman asks registries for TLS unless told otherwise.
  const plain = (p: Program) => (p.name === 'podman' ? ['--tls-verify=false'] : []);
  for (const p of programs)
    for (const [from, to] of [
      ['big', big],
      ['half', half],
    ] as const)
      await call(p, ['tag', from, to]);
  await compare(
    'push of 500 MB',
    programs.map((p) => command(p, ['push', '-q', ...plain(p), big], async () => registry.empty())),
    rounds,
  );
  const pusher = programs[0]!;
  for (const image of [big, half]) await call(pusher, ['push', '-q', image]);
  const names = ['big', 'half', big, half];
  for (const p of programs) await forget(p, names);
  const copy = join(lane.dir, 'skopeo');
  const skopeo = {
    program: 'skopeo',
    argv: ['skopeo', 'copy', '-q', '--src-tls-verify=false', `docker://${big}:latest`, `dir:${copy}`],
    after: async () => rmSync(copy, { recursive: true, force: true }),
  };
  await compare(
    'pull of 500 MB',
    [
      ...programs.map((p) => command(p, ['pull', '-q', ...plain(p), big], () => forget(p, [big]))),
      command(ctr, ['images', 'pull', '--plain-http', `${big}:latest`], () => forgetInCtr([`${big}:latest`])),
      ...(findProgram('skopeo') === undefined ? [] : [skopeo]),
    ],
    rounds,
  );
  for (const p of programs) await call(p, ['pull', '-q', ...plain(p), half]);
  await compare(
    'pull of 500 MB, half of it there',
    programs.map((p) => command(p, ['pull', '-q', ...plain(p), big], () => forget(p, [big]))),
    rounds,
  );
  for (const p of programs) await forget(p, [half]);
  registry.stop();
}
