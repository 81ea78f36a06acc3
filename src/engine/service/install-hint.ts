import { readFileSync } from 'node:fs';

const commands: Readonly<Record<string, string>> = {
  debian: 'apt-get install containerd',
  fedora: 'dnf install containerd',
  rhel: 'dnf install containerd.io',
  alpine: 'apk add containerd',
  arch: 'pacman -S containerd runc',
  suse: 'zypper install containerd',
};

/** How this distribution installs containerd. @param osRelease the text of /etc/os-release */
export function installHint(osRelease = readOsRelease()): string {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(osRelease)?.[1] ?? '';
  const ids = `${value('ID')} ${value('ID_LIKE')}`.split(/\s+/);
  const id = ids.find((each) => commands[each] !== undefined);
  return id === undefined
    ? 'https://github.com/containerd/containerd/releases has it'
    : `"${commands[id]}" installs it`;
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
