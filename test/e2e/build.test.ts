import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { connectContainerd } from '../../src/runtime/containerd.ts';
import { openBox, temporaryDir } from '../harness/box.ts';
import { lacksBuildKit } from '../harness/buildkit.ts';
import { makeCertificates } from '../harness/certificates.ts';
import { eventually } from '../harness/eventually.ts';

const box = openBox(import.meta.url);

/** A directory with these files. */
function context(files: Record<string, string>): string {
  const dir = temporaryDir(box);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

const app = {
  Dockerfile:
    'FROM bb\nARG WHO=world\nCOPY greeting /\nRUN echo "$(cat /greeting), $WHO" > /out\nCMD ["cat", "/out"]\n',
  greeting: 'hello\n',
};

describe('build where the worker shares our images', { skip: lacksBuildKit() }, () => {
  let env: Record<string, string> = {};
  before(async () => {
    env = { BUILDKIT_HOST: (await box.buildkit()).address };
  });
  const ok = (args: readonly string[], o = {}) => box.ok(args, { env, ...o });

  test('an image that runs at once, under all its tags', async () => {
    const dir = context(app);
    const { code, stdout, stderr } = await box.nerdctl(['build', '-t', 'app', '-t', 'example.com/app:v1', dir], {
      env,
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^#0 building with "default" instance using remote driver\n\n#1 \[internal\] load build definition from Dockerfile\n/,
    );
    assert.match(stderr, /\n#\d+ \[2\/3\] COPY greeting \/\n#\d+ DONE \d+\.\ds\n/);
    assert.match(stderr, /naming to docker\.io\/library\/app:latest .*done\n.*naming to example\.com\/app:v1 .*done/);
    assert.equal(await ok(['run', '--rm', 'app']), 'hello, world');
    const [id, other] = await Promise.all(
      ['app', 'example.com/app:v1'].map((name) => ok(['images', '-q', '--no-trunc', name])),
    );
    assert.equal(id, other);
    // All of it comes from the cache now, and is the same image.
    const files = ['--iidfile', join(dir, '../id'), '--metadata-file', join(dir, '../metadata')];
    const quiet = await box.nerdctl(['build', '-q', '-t', 'app', ...files, dir], { env });
    assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, `${id}\n`, '']);
    assert.equal(readFileSync(join(dir, '../id'), 'utf8'), id);
    const metadata = JSON.parse(readFileSync(join(dir, '../metadata'), 'utf8'));
    assert.equal(metadata['containerimage.config.digest'], id);
    assert.equal(metadata['image.name'], 'docker.io/library/app:latest');
    assert.equal(metadata['containerimage.descriptor'].digest, metadata['containerimage.digest']);
    // Another image takes a name; the one before has a name left.
    const changed = await ok(['build', '-q', '-t', 'app', '--build-arg', 'WHO=you', '--label', 'made=here', dir]);
    assert.notEqual(changed, id);
    assert.equal(await ok(['run', '--rm', 'app']), 'hello, you');
    assert.equal(await ok(['inspect', '-f', '{{.Config.Labels.made}}', 'app']), 'here');
    assert.equal(await ok(['images', '-f', 'dangling=true', '-q']), '');
    await ok(['build', '-q', '-t', 'app', '--build-arg', 'WHO=them', dir]);
    assert.equal(await ok(['images', '-f', 'dangling=true', '-q', '--no-trunc']), changed);
    const unnamed = await ok(['build', '-q', '--build-arg', 'WHO=none', dir]);
    assert.equal(await ok(['run', '--rm', unnamed]), 'hello, none');
    await ok(['rmi', 'app', 'example.com/app:v1', changed, unnamed]);
    assert.doesNotMatch(await box.ctr(['images', 'ls', '-q']), /nerdctl-build/);
  });

  test('Dockerfiles and contexts from standard input, elsewhere, under other names', async () => {
    const dir = context({ ...app, 'other/My.Dockerfile': 'FROM bb\nCMD ["echo", "mine"]\n' });
    const run = async (args: readonly string[], input?: string | Buffer, cwd?: string) => {
      const id = await ok(['build', '-q', ...args], { input, cwd });
      return ok(['run', '--rm', id]);
    };
    assert.equal(await run(['-f', 'other/My.Dockerfile', '.'], undefined, dir), 'mine');
    assert.equal(await run(['-'], 'FROM bb\nCMD ["echo", "from stdin"]\n'), 'from stdin');
    assert.equal(await run(['-f', '-', dir], 'FROM bb\nCOPY greeting /\nCMD ["cat", "greeting"]\n'), 'hello');
    const tar = (option: string) => execFileSync('tar', [`-c${option}`, '.'], { cwd: dir });
    assert.equal(await run(['-'], tar('')), 'hello, world');
    assert.equal(await run(['-f', 'other/My.Dockerfile', '-'], tar('z')), 'mine');
    const podman = context({ Containerfile: 'FROM bb\nCMD ["echo", "podman"]\n' });
    assert.equal(await run([podman]), 'podman');
    const named = context({ Dockerfile: 'FROM base\nCOPY --from=src greeting /\nCMD ["cat", "/greeting"]\n' });
    assert.equal(
      await run(['--build-context', `src=${dir}`, '--build-context', 'base=docker-image://bb', named]),
      'hello',
    );
    await ok(['image', 'prune', '-f']);
  });

  test('what goes wrong in a Dockerfile is shown, and nothing is made', async () => {
    const before = await box.ctr(['images', 'ls', '-q']);
    const dir = context({ Dockerfile: 'FROM bb\n\nRUN echo to nowhere; exit 7\n' });
    const { stderr } = await box.fails(
      ['build', '-t', 'never', dir],
      1,
      /ERROR: failed to build: failed to solve: process "\/bin\/sh -c echo to nowhere; exit 7" did not complete successfully: exit code: 7\n$/,
      { env },
    );
    assert.match(
      stderr,
      /\n------\n > \[2\/2\] RUN echo to nowhere; exit 7:\n\d+\.\d+ to nowhere\n------\nDockerfile:3\n-+\n/,
    );
    assert.match(stderr, /\n {3}3 \| >>> RUN echo to nowhere; exit 7\n/);
    const wrong: [args: string[], sentence: RegExp][] = [
      [['no-such-dir'], /^ERROR: failed to build: unable to prepare context: path "no-such-dir" not found\n$/],
      [
        ['-t', 'Big/Name', dir],
        /^ERROR: failed to build: invalid tag "Big\/Name": repository name must be lowercase\n$/,
      ],
      [['--network', 'mine', dir], /^ERROR: failed to build: network mode "mine" not supported by buildkit/],
      [['-o', 'type=', dir], /^ERROR: type is required for output\n$/],
      [['-o', 'type=oci,dest=/etc', dir], /^ERROR: failed to build: destination file \/etc is a directory\n$/],
      [['--push', dir], /^ERROR: failed to build: tag is needed when pushing to registry\n$/],
      [['--secret', 'src=x', dir], /^ERROR: failed to build: secret missing ID\n$/],
      [['--policy', 'x', dir], /^ERROR: --policy is not supported: /],
      [['--builder', 'mine', dir], /^ERROR: no builder "mine" found/],
      [['--progress', 'loud', dir], /^ERROR: invalid progress mode loud\n$/],
      [['--progress', 'plain', '-q', dir], /^ERROR: progress=plain and quiet cannot be used together\n$/],
      [
        ['-q', '--target', 'none', dir],
        /ERROR: failed to build: failed to solve: target stage "none" could not be found/,
      ],
      [
        ['-q', context({})],
        /ERROR: failed to build: failed to solve: failed to read dockerfile: open Dockerfile: no such file/,
      ],
    ];
    for (const [args, sentence] of wrong) await box.fails(['build', ...args], 1, sentence, { env });
    assert.equal(await box.ctr(['images', 'ls', '-q']), before);
  });

  test('Ctrl-C ends the step at once, and leaves nothing', async () => {
    const before = await box.ctr(['images', 'ls', '-q']);
    const dir = context({ Dockerfile: 'FROM bb\nRUN echo began; sleep 100; echo never\n' });
    const build = box.start(['build', '-t', 'never', dir], { env });
    await eventually(() => /began/.test(build.stderr()), 'the step to begin');
    const then = Date.now();
    build.kill('SIGINT');
    const { code, stderr } = await build.result;
    assert.equal(code, 130, stderr);
    assert.ok(Date.now() - then < 3_000, `${Date.now() - then} ms`);
    assert.equal(await box.ctr(['images', 'ls', '-q']), before);
  });

  test('what builds left that were killed is gone with the next one, and what others build stays', async () => {
    const dir = context(app);
    const processes = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
    const [dead, alive] = [2 ** 22 + 1, process.pid].map((pid) => `nerdctl-build-${processes}-${pid}-x@sha256:1`);
    // Not by `ctr images tag`: that of containerd 2 takes no name without a registry.
    const { images, close } = connectContainerd({ address: box.lane.address, namespace: box.namespace });
    const { target } = await images.get('docker.io/library/bb:latest');
    for (const name of [dead!, alive!]) await images.create({ name, target });
    close();
    const half = (pid: number) => join(dir, `../.tmp-out.tar-${pid}-0123456789ab`);
    for (const pid of [2 ** 22 + 1, process.pid]) writeFileSync(half(pid), '');
    await ok(['build', '-q', '-o', `type=tar,dest=${join(dir, '../out.tar')}`, dir]);
    assert.deepEqual([existsSync(half(2 ** 22 + 1)), existsSync(half(process.pid))], [false, true]);
    const id = await ok(['build', '-q', dir]);
    const left = await box.ctr(['images', 'ls', '-q']);
    assert.deepEqual([left.includes(dead!), left.includes(alive!)], [false, true]);
    await box.ctr(['images', 'rm', alive!]);
    await ok(['rmi', id]);
  });

  test('a BuildKit that goes away in the midst is said to be gone, and leaves nothing', async () => {
    const before = await box.ctr(['images', 'ls', '-q']);
    const bridge = await (await box.buildkit()).serveTcp();
    const dir = context({ Dockerfile: 'FROM bb\nRUN echo began; sleep 100; echo gone\n' });
    const build = box.start(['build', '--buildkit-host', bridge.address, '-t', 'never', dir]);
    await eventually(() => /\d began/.test(build.stderr()), 'the step to begin');
    bridge.close();
    const { code, stderr } = await build.result;
    assert.match(
      stderr,
      /\nERROR: failed to build: lost the connection to BuildKit at tcp:\/\/127\.0\.0\.1:\d+: .*\n$/,
    );
    assert.equal(code, 1);
    assert.equal(await box.ctr(['images', 'ls', '-q']), before);
  });

  const certificates = join(box.dir, 'certificates');
  mkdirSync(certificates, { recursive: true });
  test('at a port, with certificates', { skip: makeCertificates(certificates, ['IP:127.0.0.1']) }, async () => {
    const file = (name: string) => join(certificates, name);
    const [ca, cert, key] = ['ca.crt', 'server.crt', 'server.key'].map((name) => readFileSync(file(name)));
    const buildkit = await box.buildkit();
    const { address } = await buildkit.serveTcp({ ca, cert, key, requestCert: true, rejectUnauthorized: true });
    const host = `${address}?cacert=${file('ca.crt')}`;
    const own = `${host}&cert=${file('client.crt')}&key=${file('client.key')}`;
    const id = await ok(['build', '-q', '--buildkit-host', own, context(app)]);
    assert.equal(await ok(['run', '--rm', id]), 'hello, world');
    await ok(['rmi', id]);
    const wrong: [address: string, sentence: RegExp][] = [
      [host, /^cannot connect to BuildKit at .*: the server wants a client certificate\n$/],
      [
        own.replace(/cacert=[^&]*&/, ''),
        /^cannot connect to BuildKit at .*: its certificate is signed by an unknown authority\n$/,
      ],
      [`${own}&servername=other`, /^cannot connect to BuildKit at .*: its certificate is for another name/],
      [`${host}&cert=x`, /^ERROR: a TLS client certificate and its key have to be given together\n$/],
      [`${host}&certificate=x`, /: unknown option "certificate"\n$/],
    ];
    for (const [at, sentence] of wrong) await box.fails(['builder', 'du', '--buildkit-host', at], 1, sentence);
  });

  test('on a terminal: the steps, redrawn, and at the end all of them', async () => {
    const dir = context({ Dockerfile: 'FROM bb\nRUN echo seen; sleep 0.4\n' });
    const terminal = box.terminal(['build', '-t', 'shown', '--no-cache', dir], { env });
    assert.deepEqual(await terminal.ended, { code: 0, signal: 0 });
    const screen = terminal.screen();
    assert.match(screen, /\[\+\] Building \d+\.\ds \(\d+\/\d+\)/);
    assert.match(screen, /=> => # seen/);
    assert.match(screen, /\[\+\] Building \d+\.\ds \((\d+)\/\1\) FINISHED +remote:default/);
    assert.match(screen, /=> \[2\/2\] RUN echo seen; sleep 0\.4/);
    await ok(['rmi', 'shown']);
  });

  test('builder: what is kept, and removed', async () => {
    const dir = context({ Dockerfile: 'FROM bb\nRUN echo for the cache > /cached\n' });
    await ok(['build', '-q', '-o', 'type=cacheonly', dir]);
    assert.match(
      await ok(['builder', 'du']),
      /^ID +RECLAIMABLE +SIZE +LAST ACCESSED\n(.*\n)+Reclaimable:\t.*\nTotal:\t/,
    );
    assert.match(await ok(['buildx', 'du', '--verbose']), /\nDescription: .*echo for the cache/);
    // A busy one may be late.
    const counted = async () => /\nBuild Cache +[1-9]/.test(await ok(['system', 'df']));
    assert.ok((await counted()) || (await counted()));
    const ids = (await ok(['buildx', 'du', '--format', '{{.ID}}', '--filter', 'type=regular'])).split('\n');
    assert.ok(ids.length > 0);
    assert.match(
      await ok(['builder', 'prune', '-af']),
      /^ID\t+RECLAIMABLE\tSIZE\t\tLAST ACCESSED\n[a-z0-9]{25}.*\n(.*\n)*Total:\t[\d.]+[kM]?B$/,
    );
    assert.match(await ok(['buildx', 'ls']), /\ndefault\* +remote.*\n \\_ default +\\_ unix:\/\/.*running.*linux\//);
    assert.match(
      await ok(['buildx', 'inspect']),
      /^Name: +default\nDriver: remote\n\nNodes:\n(.*\n)*Status: +running\n/,
    );
    assert.match(await ok(['buildx', 'version']), /^github\.com\/docker\/buildx v\d+\.\d+\.\d+ nerdctl-/);
    await box.fails(['builder', 'du', '--filter', 'until=x'], 1, /^ERROR: "until" filter expects a duration/, { env });
  });

  test('the BuildKit inside a dockerd is dialled through its API', async () => {
    const { docker } = await box.buildkit();
    const dir = context(app);
    const id = await box.ok(['build', '-q', '--buildkit-host', `docker://${docker.socket}`, dir]);
    assert.equal(await ok(['run', '--rm', id]), 'hello, world');
    await ok(['rmi', id]);
  });
});

test('without a BuildKit one sentence says how to get one', async () => {
  const dir = context(app);
  const none = { BUILDKIT_HOST: undefined };
  const place = join(box.lane.user?.runtimeDir ?? '/run', 'buildkit');
  const how = new RegExp(`^no BuildKit answers at unix://${place}/buildkitd\\.sock: .*\n$`);
  await box.fails(['build', dir], 1, how, { env: none });
  const sentence = /^cannot connect to BuildKit at unix:\/\/\/run\/no-such: no such socket\n$/;
  await box.fails(['build', '--buildkit-host', 'unix:///run/no-such', dir], 1, sentence);
  await box.fails(['build', '--buildkit-host', 'ftp://x', dir], 1, /invalid BuildKit address "ftp:\/\/x"/);
  assert.equal(existsSync(place), false);
});
