import { osReleaseField } from '../../host/os-release.ts';

const commands: Readonly<Record<string, string>> = {
  debian: 'apt-get install containerd',
  fedora: 'dnf install containerd',
  rhel: 'dnf install containerd.io',
  alpine: 'apk add containerd',
  arch: 'pacman -S containerd runc',
  suse: 'zypper install containerd',
};

/** How this distribution installs containerd. @param osRelease the text of /etc/os-release */
export function installHint(osRelease?: string): string {
  const ids = `${osReleaseField('ID', osRelease)} ${osReleaseField('ID_LIKE', osRelease)}`.split(/\s+/);
  const id = ids.find((each) => commands[each] !== undefined);
  return id === undefined
    ? 'https://github.com/containerd/containerd/releases has it'
    : `"${commands[id]}" installs it`;
}
