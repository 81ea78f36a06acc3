import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { openBox, temporaryDir } from '../harness/box.ts';
import { lacksBuildKit } from '../harness/buildkit.ts';
import { builtProgram, run } from '../harness/program.ts';
import { lacksRegistry, startRegistry } from '../harness/registry.ts';
import { userCannot } from '../harness/user.ts';

const box = openBox(import.meta.url);

describe('results of a build', { skip: lacksBuildKit() }, () => {
  let env: Record<string, string | undefined> = {};
  let dir = '';
  before(async () => {
    env = { BUILDKIT_HOST: (await box.buildkit()).address, MADE: 'in the environment' };
    dir = temporaryDir(box);
    const Dockerfile = [
      'FROM bb AS build',
      'RUN --mount=type=secret,id=file --mount=type=secret,id=MADE cat /run/secrets/file /run/secrets/MADE > /made',
      'FROM scratch AS files',
      'COPY --from=build /made /bin/sh /out/',
      'FROM build',
      'CMD ["cat", "/made"]',
    ];
    writeFileSync(join(dir, 'Dockerfile'), Dockerfile.join('\n'));
    writeFileSync(join(dir, 'secret'), 'hidden, ');
  });
  const secrets = ['--secret', 'id=file,src=secret', '--secret', 'id=MADE'];
  const build = (...args: string[]) => box.ok(['build', '-q', ...secrets, ...args, '.'], { env, cwd: dir });
  const made = 'hidden, in the environment';

  test('files: a directory, archives, standard output, all at once', async () => {
    await build('--target', 'files', '-o', 'plain', '-o', 'type=tar,dest=files.tar');
    assert.equal(readFileSync(join(dir, 'plain/out/made'), 'utf8'), made);
    assert.equal(statSync(join(dir, 'plain/out/sh')).mode & 0o777, 0o755);
    const list = execFileSync('tar', ['-tf', 'files.tar'], { cwd: dir, encoding: 'utf8' });
    assert.deepEqual(list.split('\n').sort(), ['', 'out/', 'out/made', 'out/sh']);
    const script = `$P build -q ${secrets.join(' ')} --target files -o - . | tar -xO out/made`;
    const own = { ...env, P: builtProgram, CONTAINERD_NAMESPACE: box.namespace };
    // Not synchronously: BuildKit is reached through this process.
    const { stdout: text, stderr } = await run('sh', ['-c', script], { cwd: dir, env: own });
    assert.equal(stderr, '');
    assert.equal(text, made);
  });

  test('without a containerd: files and images of others, none of ours', async () => {
    const apart = { ...env, CONTAINERD_ADDRESS: '/run/no-such.sock' };
    const args = ['build', '-q', ...secrets, '.'];
    const others = ['-o', 'apart', '-o', 'type=image,name=example.com/apart:1', '-o', 'type=docker,dest=apart.tar'];
    await box.ok([...args, '--target', 'files', ...others], { env: apart, cwd: dir });
    assert.equal(readFileSync(join(dir, 'apart/out/made'), 'utf8'), made);
    await box.fails(args, 1, /^ERROR: failed to build: cannot connect to containerd at \/run\/no-such\.sock: /, {
      env: apart,
      cwd: dir,
    });
    await box.ok(['rmi', 'example.com/apart:1']);
  });

  test('images: archives that load, an OCI layout, one that is loaded from a BuildKit with other images', async () => {
    const id = await build('-t', 'made:1', '-o', 'type=docker,dest=d.tar', '-o', 'type=oci,tar=false,dest=layout');
    const index = JSON.parse(readFileSync(join(dir, 'layout/index.json'), 'utf8'));
    assert.equal(index.manifests[0].annotations['org.opencontainers.image.ref.name'], 'latest');
    assert.ok(existsSync(join(dir, 'layout/blobs/sha256', index.manifests[0].digest.slice(7))));
    assert.equal(await box.ok(['images', '-q', 'made']), '');
    assert.match(await box.ok(['load', '-i', join(dir, 'd.tar')]), /^Loaded image: made:1$/);
    assert.equal(await box.ok(['run', '--rm', 'made:1']), made);
    assert.equal(await box.ok(['images', '-q', '--no-trunc', 'made']), id);
    await box.ok(['rmi', 'made:1']);
    const again = temporaryDir(box);
    writeFileSync(join(again, 'Dockerfile'), 'FROM base\nENTRYPOINT ["echo", "from the layout"]\n');
    const child = await box.ok(['build', '-q', '--build-context', `base=oci-layout://${join(dir, 'layout')}`, again], {
      env,
    });
    assert.equal(await box.ok(['run', '--rm', child]), 'from the layout');
    await box.ok(['rmi', child]);

    const other = { ...env, CONTAINERD_NAMESPACE: `${box.namespace}-apart` };
    const elsewhere = (args: readonly string[]) => box.ok(args, { env: other, cwd: dir });
    const loaded = await elsewhere(['build', '-q', ...secrets, '-t', 'apart', '-t', 'apart:2', '.']);
    assert.equal(await elsewhere(['run', '--rm', '--network', 'none', 'apart']), made);
    assert.equal(await elsewhere(['images', '-q', '--no-trunc', 'apart:2']), loaded);
    const two = ['build', '-q', '--platform', 'linux/amd64,linux/arm64', '--target', 'files', '-t', 'two', '-'];
    const Dockerfile = 'FROM scratch AS files\nARG TARGETARCH\nCOPY <<E /$TARGETARCH\nx\nE\n';
    await box.ok(two, { env: other, input: Dockerfile });
    const platforms = await elsewhere([
      'image',
      'inspect',
      '-f',
      '{{.Architecture}}',
      '--platform',
      'linux/arm64',
      'two',
    ]);
    assert.equal(platforms, 'arm64');
    await elsewhere(['rmi', '-f', 'apart', 'apart:2', 'two']);
  });

  test('a cache in a directory', async () => {
    await build('-o', 'type=cacheonly', '--cache-to', 'type=local,dest=cache,mode=max');
    assert.ok(readdirSync(join(dir, 'cache/blobs/sha256')).length > 0);
    await box.ok(['builder', 'prune', '-af'], { env });
    const args = [
      '--cache-from',
      'type=local,src=cache',
      '--cache-from',
      'type=local,src=none',
      '-o',
      'type=cacheonly',
    ];
    const { code, stderr } = await box.nerdctl(['build', ...secrets, ...args, '.'], { env, cwd: dir });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^WARNING: local cache import at none not found due to err: could not read none\/index\.json/);
    assert.match(stderr, /\n#\d+ \[build 2\/2\] RUN .*\n(#\d+ .*\n)*#\d+ CACHED\n/);
  });

  const noRegistry =
    userCannot('has BuildKit in another network than a registry of 127.0.0.1') ?? lacksRegistry(box.lane.registry);
  test('a registry with a password', { skip: noRegistry }, async () => {
    const registry = await startRegistry(box.lane.registry!, join(dir, 'registry'), { auth: 'htpasswd' });
    try {
      const name = `${registry.host}/made:1`;
      const config = join(dir, 'config');
      mkdirSync(config, { recursive: true });
      const auth = Buffer.from('testuser:testpass').toString('base64');
      writeFileSync(join(config, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
      const own = { ...env, DOCKER_CONFIG: config };
      const push = ['build', '-q', ...secrets, '-t', name, '--push', '.'];
      await box.fails(push, 1, /failed to solve: failed to push .*(401|authorization|no basic auth)/, {
        env,
        cwd: dir,
      });
      await box.ok(push, { env: own, cwd: dir });
      assert.equal(await box.ok(['images', '-q', name]), '');
      await box.ok(['pull', '-q', name], { env: own });
      assert.equal(await box.ok(['run', '--rm', name]), made);
      await box.ok(['rmi', name]);
    } finally {
      await registry.stop();
    }
  });

  test('secrets, agents and places that are not there', async () => {
    const wrong: [args: string[], sentence: RegExp][] = [
      [
        ['--secret', 'id=x,src=no-such'],
        /^ERROR: failed to build: failed to stat no-such: stat no-such: no such file or directory\n$/,
      ],
      [
        ['--ssh', 'default'],
        /^ERROR: failed to build: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set\n$/,
      ],
      [['--cache-to', 'type=local'], /^ERROR: failed to build: local cache exporter requires dest\n$/],
      [['--cache-from', 'type=registry'], /^ERROR: failed to build: registry cache importer requires ref\n$/],
      [['-o', 'type=tar,dest=/proc/no/x.tar'], /^ERROR: failed to build: .*\/proc\/no/],
      [['-o', 'type=nonsense'], /ERROR: failed to build: failed to solve: exporter "nonsense" could not be found\n$/],
    ];
    for (const [args, sentence] of wrong) {
      await box.fails(['build', '-q', ...secrets, ...args, '.'], 1, sentence, { env, cwd: dir });
    }
  });
});

test('an old BuildKit gives files, and says what it cannot', { skip: lacksBuildKit('20.10') }, async () => {
  const env = { BUILDKIT_HOST: (await box.buildkit({ docker: '20.10' })).address };
  const dir = temporaryDir(box);
  writeFileSync(join(dir, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /copied\n');
  await box.ok(['build', '-q', '-o', join(dir, 'out'), dir], { env });
  assert.ok(existsSync(join(dir, 'out/copied')));
  const attested = ['build', '-q', '--provenance=true', '-o', join(dir, 'one'), dir];
  await box.fails(
    attested,
    1,
    /^ERROR: failed to build: Attestations are not supported by the current BuildKit daemon\n$/,
    {
      env,
    },
  );
  const two = ['build', '-q', '-o', join(dir, 'one'), '-o', join(dir, 'two'), dir];
  await box.fails(two, 1, /^ERROR: failed to build: multiple outputs currently unsupported by/, { env });
  await box.fails(
    ['build', '-q', '--check', dir],
    1,
    /too old for --call check, and docker\/dockerfile:1 cannot be pulled: .*\n$/,
    { env },
  );
  await box.fails(
    ['build', '-q', '-t', 'x', dir],
    1,
    /^ERROR: failed to build: the BuildKit at unix:\/\/.* cannot export images: /,
    { env },
  );
});
