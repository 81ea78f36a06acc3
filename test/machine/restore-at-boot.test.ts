import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testImages } from '../harness/images.ts';
import { lacksMachine, type Machine, openMachine } from '../harness/nspawn.ts';

const cache = fileURLToPath(new URL('../../.cache/engines', import.meta.url));
const units = '/usr/local/lib/systemd/system';

describe('a machine with systemd', { skip: lacksMachine() }, () => {
  let machine: Machine;
  const nerdctl = (...args: string[]) => machine.ok(['nerdctl', ...args]);
  const address = (name: string) => nerdctl('inspect', '-f', '{{.NetworkSettings.IPAddress}}', name);
  const running = async () => (await nerdctl('ps', '--format', '{{.Names}}')).split('\n').sort();

  before(async () => {
    const { archive } = await testImages(cache);
    // Only for the verification of its unit.
    const files = { '/usr/local/bin/buildkitd': '#!/bin/sh\n' };
    const made = await openMachine(files, [`--bind-ro=${archive}:/images.tar`]);
    assert.ok(!('missing' in made), (made as { missing?: string }).missing);
    machine = made;
    await machine.boot();
    await nerdctl('load', '-i', '/images.tar');
  });
  after(() => machine?.remove());

  test('the units are as systemd wants them', async () => {
    await machine.ok(['chmod', '+x', '/usr/local/bin/buildkitd']);
    for (const unit of ['nerdctl-restore.service', 'buildkit.service', 'buildkit.socket']) {
      const { stdout, stderr, code } = await machine.run(['systemd-analyze', '--man=no', 'verify', join(units, unit)]);
      assert.deepEqual([stdout, stderr, code], ['', '', 0], unit);
    }
    await machine.ok(['rm', '/usr/local/bin/buildkitd']);
  });

  test('system start, stop and status leave to systemd what is its', async () => {
    const service = 'containerd.service';
    const started =
      /^containerd runs already: process \d+ of containerd\.service, socket \/run\/containerd\/containerd\.sock$/;
    assert.match(await nerdctl('system', 'start'), started);
    assert.match(await nerdctl('system', 'status'), /\ncontainerd +running +\d+ +containerd\.service +\/run\//);
    const stop = await machine.run(['nerdctl', 'system', 'stop']);
    assert.match(
      stop.stderr,
      /was not started by "nerdctl system start": "systemctl stop containerd\.service" stops it\n$/,
    );
    assert.equal(stop.code, 1);
    await machine.ok(['systemctl', 'stop', service]);
    const start = await machine.run(['nerdctl', 'system', 'start']);
    assert.match(
      start.stderr,
      /and containerd\.service does not run: "systemctl start containerd\.service" starts it\n$/,
    );
    assert.equal(start.code, 1);
    assert.equal((await machine.run(['nerdctl', 'system', 'status'])).code, 3);
    // A unit that must not be used is none.
    await machine.ok(['systemctl', 'mask', '--runtime', service]);
    assert.match(await nerdctl('system', 'start'), /^containerd started as process \d+, /);
    assert.match(await nerdctl('system', 'stop'), /^containerd stopped/);
    await machine.ok(['systemctl', 'unmask', '--runtime', service]);
    await machine.ok(['systemctl', 'start', service]);
  });

  test('containers come back after a reboot and after a power cut', async () => {
    await machine.ok(['systemctl', 'enable', '--now', '--quiet', 'nerdctl-restore.service']);
    const idle = ['--stop-timeout', '1', 'bb', 'sleep', '1000'];
    await nerdctl('run', '-d', '--name', 'other', '--restart', 'always', ...idle);
    await nerdctl(
      'run',
      '-d',
      '--name',
      'web',
      '--restart',
      'always',
      '-p',
      '8080:80',
      '-v',
      'data:/v',
      '--stop-timeout',
      '1',
      'web',
    );
    await nerdctl('run', '-d', '--name', 'joins', '--restart', 'unless-stopped', '--network', 'container:web', ...idle);
    await nerdctl('run', '-d', '--name', 'stopped', '--restart', 'unless-stopped', ...idle);
    const untilTerm = ['sh', '-c', 'trap "echo bye; exit 0" TERM; while :; do sleep 0.1; done'];
    await nerdctl('run', '-d', '--name', 'plain', 'bb', ...untilTerm);
    await nerdctl('-n', 'elsewhere', 'load', '-i', '/images.tar');
    await nerdctl('-n', 'elsewhere', 'run', '-d', '--name', 'far', '--restart', 'always', ...idle);
    await nerdctl('exec', 'web', 'touch', '/v/kept');
    await nerdctl('stop', '-t', '0', 'stopped');
    const addresses = [await address('web'), await address('other')];

    for (const end of [machine.powerOff, machine.powerCut]) {
      await end();
      await machine.boot();
      assert.equal(await machine.ok(['systemctl', 'is-active', 'nerdctl-restore.service']), 'active');
      assert.deepEqual(await running(), ['joins', 'other', 'web']);
      assert.equal(await nerdctl('-n', 'elsewhere', 'ps', '--format', '{{.Names}}'), 'far');
      assert.deepEqual([await address('web'), await address('other')], addresses);
      assert.equal(
        await machine.ok(['curl', '-sf', '--retry', '5', '--retry-all-errors', 'localhost:8080']),
        'hello from the page',
      );
      await nerdctl('exec', 'web', 'test', '-e', '/v/kept');
      // The first end was an orderly one: it had its signal, and time to say so.
      assert.equal(await nerdctl('logs', 'plain'), 'bye');
    }
  });
});
