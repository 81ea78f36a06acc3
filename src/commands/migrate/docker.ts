import { type Cli, defineCommand, noArgs } from '../../cli/command.ts';
import { isDockerError } from '../../docker/errors.ts';
import { humanSize } from '../../docker/values/units.ts';
import { dockerApi } from '../../engine/migrate/docker-api.ts';
import { planFrom, takeStep, withMigration } from '../../engine/migrate/migrate.ts';
import { count, type Plan, type Step } from '../../engine/migrate/plan.ts';

export const command = defineCommand({
  use: 'docker [OPTIONS]',
  short: 'Bring the images and named volumes of a running docker over',
  args: noArgs,
  flags: {
    'docker-host': {
      type: 'string',
      value: 'string',
      help: 'Socket of the docker daemon (default $DOCKER_HOST or unix:///var/run/docker.sock)',
    },
    'dry-run': { type: 'bool', help: 'Only say what would be done' },
  },
  run: async (cli, _args, flags) => {
    const host = flags['docker-host'] || cli.env.DOCKER_HOST || 'unix:///var/run/docker.sock';
    const docker = dockerApi(host, cli.signal);
    const engine = await cli.engine();
    if (flags['dry-run']) {
      const plan = await planFrom(engine, docker);
      for (const step of plan.steps) cli.stdout.write(`Would ${describe(step, 'now')}\n`);
      summarise(cli, plan, plan.steps, 'would be ');
      return 0;
    }
    return withMigration(engine, async () => {
      const plan = await planFrom(engine, docker);
      const done: Step[] = [];
      for (const step of plan.steps) {
        const progress = announce(cli, step);
        try {
          await takeStep(engine, docker, step, progress.update);
          done.push(step);
          progress.end();
        } catch (error) {
          progress.end();
          cli.signal.throwIfAborted();
          if (isDockerError(error, 'unavailable')) throw error;
          plan.left.push({ what: subject(step), why: error instanceof Error ? error.message : String(error) });
        }
      }
      summarise(cli, plan, done, '');
      return done.length === plan.steps.length ? 0 : 1;
    });
  },
});

const verbs = {
  load: ['load', 'Loading', 'loaded'],
  tag: ['tag', 'Tagging', 'tagged'],
  copy: ['copy', 'Copying', 'copied'],
  create: ['create', 'Creating', 'created'],
} as const;

function subject(step: Step): string {
  return 'volume' in step ? `volume ${step.volume.Name}` : `image ${step.names.join(', ')}`;
}

function describe(step: Step, tense: 'now' | 'going on'): string {
  const size = step.kind === 'load' ? ` (${humanSize(step.size)})` : '';
  return `${verbs[step.kind][tense === 'now' ? 0 : 1]} ${subject(step)}${size}`;
}

/** On a terminal the line tells how much has been read; off it, it is written once. */
function announce(cli: Cli, step: Step): { update(bytes: number): void; end(): void } {
  const line = describe(step, 'going on');
  cli.stdout.write(cli.stdout.isTerminal ? line : `${line}\n`);
  if (!cli.stdout.isTerminal) return { update: () => {}, end: () => {} };
  let shown = '';
  return {
    update: (bytes) => {
      const text = `: ${humanSize(bytes)}`;
      if (text !== shown) cli.stdout.write(`\r${line}${text}\x1b[K`);
      shown = text;
    },
    end: () => void cli.stdout.write('\n'),
  };
}

function summarise(cli: Cli, plan: Plan, done: readonly Step[], mood: string): void {
  const of = (kind: Step['kind']) => done.filter((step) => step.kind === kind).length;
  const parts = (['load', 'tag', 'copy', 'create'] as const).flatMap((kind) => {
    const noun = kind === 'load' || kind === 'tag' ? 'image' : 'volume';
    return of(kind) > 0 ? [`${count(of(kind), noun)} ${mood}${verbs[kind][2]}`] : [];
  });
  const { images, volumes } = plan.present;
  if (images > 0) parts.push(`${count(images, 'image')} here already`);
  if (volumes > 0) parts.push(`${count(volumes, 'volume')} here already`);
  cli.stdout.write(`${parts.length > 0 ? parts.join(', ') : 'Nothing to bring over'}.\n`);
  if (plan.left.length > 0) cli.stdout.write('Left in docker:\n');
  for (const { what, why } of plan.left) cli.stdout.write(`  ${what}: ${why}\n`);
}
