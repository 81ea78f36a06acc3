/** What mount(2) takes, made out of the option words of fstab and containerd. */
export interface MountCall {
  flags: number;
  /** For a second call: `rshared`, `private` … cannot be combined with a mount. 0 = none. */
  propagation: number;
  /** What the file system itself reads: `lowerdir=…,upperdir=…`. */
  data: string;
  /** Directory to be in during the call, for data that names it relatively; empty = any. */
  directory: string;
}

const flag = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  sync: 0x10,
  remount: 0x20,
  mand: 0x40,
  dirsync: 0x80,
  noatime: 0x400,
  nodiratime: 0x800,
  bind: 0x1000,
  rbind: 0x1000 | 0x4000,
  relatime: 0x200000,
  strictatime: 0x1000000,
  lazytime: 0x2000000,
} as const;

const clearing: Record<string, number> = {
  rw: flag.ro,
  suid: flag.nosuid,
  dev: flag.nodev,
  exec: flag.noexec,
  async: flag.sync,
  atime: flag.noatime,
  diratime: flag.nodiratime,
  norelatime: flag.relatime,
  nostrictatime: flag.strictatime,
  nomand: flag.mand,
  defaults: 0,
};

const recursive = 0x4000;
const propagation: Record<string, number> = {
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
};

/** The kernel copies one page of mount data, the closing NUL included. */
const maxData = 4095;

export function mountCall(type: string, options: string[]): MountCall {
  const call: MountCall = { flags: type === 'bind' ? flag.bind : 0, propagation: 0, data: '', directory: '' };
  const data: string[] = [];
  for (const option of options) {
    const spread = propagation[option] ?? propagation[option.replace(/^r/, '')];
    if (Object.hasOwn(flag, option)) call.flags |= flag[option as keyof typeof flag];
    else if (Object.hasOwn(clearing, option)) call.flags &= ~(clearing[option] ?? 0);
    else if (spread !== undefined) call.propagation = spread | (Object.hasOwn(propagation, option) ? 0 : recursive);
    else if (option !== '') data.push(option);
  }
  call.data = data.join(',');
  return call.data.length > maxData && type === 'overlay' ? shortened(call, data) : call;
}

/** Names the lower directories relatively to their common parent: a deep image does not fit in one page otherwise. */
function shortened(call: MountCall, data: string[]): MountCall {
  const lower = data.find((d) => d.startsWith('lowerdir='));
  const dirs = lower?.slice('lowerdir='.length).split(':') ?? [];
  const first = dirs[0];
  if (first === undefined || dirs.length < 2 || dirs.some((d) => !d.startsWith('/') || d.includes('\\'))) return call;
  let common = first.slice(0, first.lastIndexOf('/') + 1);
  while (!dirs.every((d) => d.startsWith(common)))
    common = common.slice(0, common.lastIndexOf('/', common.length - 2) + 1);
  const relative = `lowerdir=${dirs.map((d) => d.slice(common.length)).join(':')}`;
  return { ...call, directory: common, data: data.map((d) => (d === lower ? relative : d)).join(',') };
}
