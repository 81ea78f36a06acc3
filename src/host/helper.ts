import type { ByteString } from '../docker/values/byte-text.ts';

/**
 * The host helper: one child process of the monitor binary (`nerdctl-monitor host`) that makes the system calls
 * Node has no binding for. Started at the first call, ended with the process; locks die with it.
 * All functions reject with an Error whose `code` is the errno name (`EBUSY`).
 */
export interface HostHelper {
  /**
   * flock(2) on a file or directory that exists, waiting for it; exclusive unless told. Waiting holds up no other
   * call; `signal` ends it. The file may have been replaced while waiting: callers that mind look again.
   */
  lock(path: string, mode?: 'exclusive' | 'shared', signal?: AbortSignal): Promise<HostLock>;
  /** A new network namespace with `lo` up, bind-mounted on `path` (created). */
  createNetns(path: string): Promise<void>;
  /** Unmounts and unlinks; a missing one is no error. */
  removeNetns(path: string): Promise<void>;
  /** mount(2); options are in the form containerd's Mount gives (`rbind`, `ro`, `lowerdir=…`). */
  mount(m: { type: string; source: string; target: string; options: string[] }): Promise<void>;
  /** umount2(MNT_DETACH); not mounted is no error. */
  unmount(target: string): Promise<void>;
  mkfifo(path: string, mode: number): Promise<void>;
  /** mknod(2), the umask aside: `mode` has the type. */
  mknod(path: Uint8Array, mode: number, major: number, minor: number): Promise<void>;
  /** Access and modification times in nanoseconds since 1970; symbolic links are not followed. */
  setTimes(times: readonly (readonly [path: ByteString, nanoseconds: bigint])[]): Promise<void>;
  /** Extended attributes of the entries of a directory, by name; those that have none are not among them. */
  listXattrs(dir: ByteString): Promise<Map<ByteString, Xattr[]>>;
  setXattr(path: ByteString, xattr: Xattr): Promise<void>;
  /** Ends the child; pending calls reject. */
  close(): void;
}

export type Xattr = readonly [name: ByteString, value: Uint8Array];

export interface HostLock {
  release(): Promise<void>;
}
