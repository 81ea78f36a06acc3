import { prepareBoth, scenario, step } from '../harness/compare.ts';

prepareBoth();

scenario('images', async (who, see) => {
  for (const args of [
    ['images', '--format', '{{.Repository}} {{.Tag}}', 'web'],
    ['images', '-q', 'web'],
    ['tag', 'bb', 'example.net/x/bb:v1'],
    ['rmi', 'example.net/x/bb:v1'],
    ['rmi', 'no-such'],
    ['tag', 'no-such', 'x'],
    ['tag', 'bb', 'BAD'],
    ['save', 'no-such'],
    ['image', 'inspect', 'no-such'],
    ['image', 'inspect', '-f', '{{.Os}} {{.Config.Entrypoint}} {{.Config.Cmd}} {{json .Config.Labels}}', 'full'],
    ['image', 'inspect', '-f', '{{.Nope}}', 'full'],
    ['load', '-i', '/no/such'],
  ]) {
    await step(who, see, args, { stderr: true });
  }
});

scenario('volumes', async (who, see) => {
  for (const args of [
    ['volume', 'create', 'named'],
    ['volume', 'create', 'named'],
    ['volume', 'create', '--label', 'a=b', 'labelled'],
    ['volume', 'ls', '-q', '--filter', 'label=a=b'],
    ['volume', 'ls', '--filter', 'name=named'],
    ['volume', 'inspect', '-f', '{{.Name}} {{.Driver}} {{.Scope}}', 'named'],
    ['volume', 'inspect', 'no-such'],
    ['volume', 'rm', 'no-such'],
    ['volume', 'create', 'bad name'],
    ['volume', 'rm', 'named', 'labelled'],
  ]) {
    await step(who, (what, seen) => see(what, seen), args, { stderr: true });
  }
});

scenario('networks', async (who, see) => {
  for (const args of [
    ['network', 'create', 'own'],
    ['network', 'create', 'own'],
    ['network', 'ls', '--filter', 'name=own', '--format', '{{.Name}} {{.Driver}}'],
    ['network', 'inspect', '-f', '{{.Name}} {{.Driver}} {{.Internal}}', 'own'],
    ['network', 'inspect', 'no-such'],
    ['network', 'rm', 'bridge'],
    ['network', 'rm', 'no-such'],
    ['network', 'create', '--subnet', 'nonsense', 'bad'],
    ['network', 'rm', 'own'],
  ]) {
    await step(who, see, args, { stderr: true });
  }
});

scenario('words of the command line', async (who, see) => {
  for (const args of [
    ['frobnicate'],
    ['run'],
    ['ps', '--nope'],
    ['container'],
    ['image', 'frobnicate'],
    ['rm'],
    ['tag', 'x'],
    ['start'],
  ]) {
    const { code } = await who.run(args);
    see(args.join(' '), code);
  }
});
