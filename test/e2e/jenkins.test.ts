import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fetchPage, openBox } from '../harness/box.ts';
import type { ContainerJson } from '../harness/containers.ts';

const box = openBox(import.meta.url);

/** A line as it stands on a Jenkins host; only the image is another. */
const line =
  'run -d --name jenkins --hostname "jenkins.example.net" --restart=always -p 8080:8080 -p 50000:50000 -u root ' +
  '--privileged=true -e TZ=Asia/Shanghai -v /etc/localtime:/etc/localtime:ro -v jenkins_home:/var/jenkins_home ' +
  '--add-host gitlab.example.net:10.0.0.110 --add-host nexus.example.net:10.0.0.121';

test('the line of a Jenkins host works as it stands', async (t) => {
  if (!existsSync('/etc/localtime')) return t.skip('this machine lacks /etc/localtime (package tzdata)');
  const args = line.replaceAll('"', '').split(' ');
  await box.leavesNothing(async () => {
    await box.ok([...args, 'web', 'httpd', '-f', '-p', '8080', '-h', '/www']);
    assert.equal(await fetchPage(8080), 'hello from the page\n');
    const script =
      'hostname; echo $TZ; id -u; grep -E "gitlab|nexus" /etc/hosts | tr -s "\\t" " "; test -d /var/jenkins_home && test -s /etc/localtime && echo mounted';
    const out = await box.ok(['exec', 'jenkins', 'sh', '-c', script]);
    assert.equal(
      out,
      'jenkins.example.net\nAsia/Shanghai\n0\n10.0.0.110 gitlab.example.net\n10.0.0.121 nexus.example.net\nmounted',
    );
    const jenkins = await box.inspect<ContainerJson>('jenkins');
    assert.equal(jenkins.HostConfig.RestartPolicy.Name, 'always');
    assert.equal(jenkins.HostConfig.Privileged, true);
    await box.ok(['rm', '-f', 'jenkins']);
    await box.ok(['volume', 'rm', 'jenkins_home']);
  });
});
