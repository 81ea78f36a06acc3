import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { encodeFrame, errnoName, frameReader } from './helper-process.ts';
import { mountCall } from './mount-options.ts';

export interface CopyMount {
  type: string;
  source: string;
  options: string[];
}

/** What `nerdctl-monitor copy` mounts: see view.c. */
export interface CopyView {
  /** Of a container that runs. */
  pid?: number;
  /** The root filesystem of one that does not. */
  rootfs: readonly CopyMount[];
  /** Parents first. */
  places: readonly (CopyMount & { destination: string })[];
}

/** `inside`: the container's files. */
export type CopySide = 'inside' | 'outside';

export interface CopyPack {
  dir: string;
  /** The entry of the directory; `.`: the directory itself. */
  entry: string;
  /** Its name in the archive. */
  name: string;
  /** Of a user namespace: the user and group that its root is outside of it. */
  owner?: { uid: number; gid: number };
}

export interface CopyUnpack {
  dir: string;
  /** Who gets the files: whoever runs this, those whom the archive names, or one for all. */
  owner: 'caller' | 'archive' | { uid: number; gid: number };
  skipDevices?: boolean;
}

export interface CopyStat {
  /** `st_mode`. */
  mode: number;
  /** Where a symbolic link leads in the end. */
  target: string;
}

/**
 * The two processes that copy between a container and this machine. Archives go between them, or through `given`: a stream
 * that is unpacked, or our standard output. All reject with an Error whose `code` is the errno name and whose message is the
 * sentence to show; `sides` name who packs and unpacks.
 */
export interface CopyProcess {
  view(view: CopyView): Promise<void>;
  stat(path: string): Promise<CopyStat>;
  /** The path with all links followed. */
  real(path: string): Promise<string>;
  /** @returns how many bytes the archive has */
  pack(side: CopySide, what: CopyPack, to: 'other' | 'given'): Promise<number>;
  unpack(side: CopySide, what: CopyUnpack, from: 'other' | 'given'): Promise<void>;
  /** Takes the archive that is given to be unpacked. */
  readonly input: Writable | undefined;
  /** Ends both processes, whatever they are doing. */
  end(): void;
}

export interface CopyOptions {
  given?: 'input' | 'stdout';
  onBytes?(total: number): void;
  /** A file that could not be read and is not in the archive. */
  onSkipped?(sentence: string): void;
}

export function startCopyProcess([program, ...args]: readonly string[], options: CopyOptions): CopyProcess {
  const given = options.given === 'input' ? 'pipe' : options.given === 'stdout' ? 1 : 'ignore';
  // A session of its own: Ctrl-C in the terminal is for the command, which ends it.
  const child = spawn(program!, [...args, 'copy'], { stdio: ['pipe', 'pipe', 'inherit', given], detached: true });
  const pending = new Map<string, { resolve(value: string): void; reject(error: Error): void }>();
  let lastId = 0;
  const fail = (error: Error) => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  child.on('error', fail);
  child.on('exit', (code, signal) => fail(new Error(`the process that copies has ended with ${signal ?? code}`)));
  child.stdin!.on('error', () => {});
  (child.stdio[3] as Writable | null)?.on('error', () => {});
  const answered = frameReader(([id = '', code = '0', text = '', value = '']) => {
    if (id === 'progress') return options.onBytes?.(Number(value));
    if (id === 'warning') return options.onSkipped?.(text);
    const call = pending.get(id);
    pending.delete(id);
    if (code === '0') call?.resolve(value);
    else call?.reject(Object.assign(new Error(text), { code: errnoName(Number(code)) }));
  });
  child.stdout!.on('data', answered);
  const ask = (...words: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null) return reject(new Error('the copy was broken off'));
      if (words.some((word) => word.includes('\0'))) return reject(new Error('a path holds a NUL'));
      const id = String(++lastId);
      pending.set(id, { resolve, reject });
      child.stdin!.write(encodeFrame([id, ...words]));
    });
  return {
    view: async ({ pid, rootfs, places }) => {
      const base = pid ? ['running', `${pid}`] : ['stopped', `${rootfs.length}`, ...rootfs.flatMap(mountWords)];
      await ask('inside', 'view', ...base, ...places.flatMap((each) => [each.destination, ...mountWords(each)]));
    },
    stat: async (path) => {
      const [, mode = '0', target = ''] = /^(\d+) (.*)$/s.exec(await ask('inside', 'stat', path)) ?? [];
      return { mode: Number.parseInt(mode, 8), target };
    },
    real: (path) => ask('inside', 'real', path),
    pack: async (side, { dir, entry, name, owner }, to) => {
      const { uid, gid } = owner ?? { uid: -1, gid: -1 };
      return Number(await ask(side, 'pack', dir, entry, name, to, `${uid}`, `${gid}`));
    },
    unpack: async (side, { dir, owner, skipDevices }, from) => {
      const who = typeof owner === 'string' ? owner : `${owner.uid}:${owner.gid}`;
      await ask(side, 'unpack', dir, from, who, skipDevices ? 'skip-devices' : 'all');
    },
    input: options.given === 'input' ? (child.stdio[3] as Writable) : undefined,
    end: () => void child.kill('SIGKILL'),
  };
}

function mountWords({ type, source, options }: CopyMount): string[] {
  const isBind = options.includes('bind') || options.includes('rbind');
  const call = mountCall(isBind ? 'bind' : type, options);
  return [isBind ? 'bind' : type, source, String(call.flags), call.data, call.directory];
}
