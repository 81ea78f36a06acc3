import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { normalise, type Player, prepareBoth, scenario, step } from '../harness/compare.ts';
import { laneFromEnv } from '../harness/lane-env.ts';
import { lacksRegistry, startRegistry } from '../harness/registry.ts';

const lane = laneFromEnv();
const stops: (() => Promise<void>)[] = [];
after(() => Promise.all(stops.map((stop) => stop())));

prepareBoth();

if (lane.registry === undefined) {
  test('push and login as docker', { skip: lacksRegistry(undefined) });
} else {
  const program = lane.registry;
  const start = async (who: Player, name: string, port: number, auth?: 'htpasswd') => {
    const dir = join(lane.dir, `registry-${who.program}-${name}`);
    const registry = await startRegistry(program, dir, { auth, port: (who.program === 'docker' ? 8600 : 8700) + port });
    stops.push(registry.stop);
    return registry.host;
  };
  type See = Parameters<typeof step>[1];
  /** The registries have ports of their own. */
  const without =
    (see: See, host: string): See =>
    (what, seen) =>
      see(what.replaceAll(host, 'HOST'), seen);
  /** The lines of one image come in no order. */
  const sorted = (text: string) => normalise(text).split('\n').sort();

  scenario('push: lines, -q, -a, and what is refused', async (who, seen) => {
    const host = await start(who, 'plain', 5);
    const see = without(seen, host);
    await who.run(['tag', 'web', `${host}/team/web`]);
    for (const tag of ['v1', 'v2']) await who.run(['tag', 'full', `${host}/full:${tag}`]);
    for (const args of [['team/web'], ['team/web:latest'], ['full:v1'], ['-a', 'full'], ['--all-tags', '-q', 'full']]) {
      const { code, stdout } = await who.run(['push', ...args.slice(0, -1), `${host}/${args.at(-1)}`]);
      // Which repository a layer is mounted from is up to the program; sizes of manifests are.
      see(args.join(' '), { code, lines: sorted(stdout.replaceAll(/size: \d+/g, 'size')) });
    }
    await step(who, see, ['push', '-q', `${host}/team/web`], { stderr: true });
    await step(who, see, ['push', `${host}/none`], { stderr: true });
    await step(who, see, ['push', '-a', `${host}/none`], { stderr: true });
    await step(who, see, ['push', '-a', `${host}/full:v1`], { stderr: true });
    await step(who, see, ['push', 'Bad'], { stderr: true });
    await step(who, see, ['push', `bb@sha256:${'0'.repeat(64)}`], { stderr: true });
    await step(who, see, ['push'], { stderr: true });
    await step(who, see, ['pull', '-q', `${host}/team/web`], { stderr: true });
  });

  scenario('login and logout', async (who, seen) => {
    const host = await start(who, 'closed', 6, 'htpasswd');
    const see = without(seen, host);
    const dir = join(lane.dir, `config-${who.program}`);
    const env = { DOCKER_CONFIG: dir };
    const file = () => normalise(readFileSync(join(dir, 'config.json'), 'utf8'));
    await step(who, see, ['login', '-u', 'testuser', '--password-stdin', host], { env, input: 'testpass\n' });
    see('config.json', file());
    await who.run(['tag', 'bb', `${host}/bb`]);
    const { code } = await who.run(['push', '-q', `${host}/bb`], { env });
    see('push', code);
    await step(who, see, ['login', '-u', 'testuser', '-p', 'wrong', host], { env });
    await step(who, see, ['login', '-u', 'testuser', host], { env, stderr: true });
    await step(who, see, ['logout', host], { env, stderr: true });
    see('config.json after logout', file());
    await step(who, see, ['logout', host], { env });
    await step(who, see, ['logout'], { env });
    const denied = await who.run(['push', '-q', `${host}/bb`], { env });
    see('push after logout', denied.code);
  });
}
