import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installHint } from '../../../../src/engine/service/install-hint.ts';

test('how to install containerd, by /etc/os-release', () => {
  const table: [string, string][] = [
    ['NAME="Debian"\nID=debian\n', '"apt-get install containerd" installs it'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', '"apt-get install containerd" installs it'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', '"dnf install containerd.io" installs it'],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', '"zypper install containerd" installs it'],
    ['ID=alpine\n', '"apk add containerd" installs it'],
    ['', 'https://github.com/containerd/containerd/releases has it'],
  ];
  for (const [text, hint] of table) assert.equal(installHint(text), hint);
});
