import type { ByteString } from '../../docker/values/byte-text.ts';
import type { Handler } from '../../grpc/server.ts';
import { Code, RpcError } from '../../grpc/status.ts';
import type { HostHelper } from '../../host/helper.ts';
import { isDenied, isGone } from '../../host/path-error.ts';
import { directoryTree, type Selection } from '../fsutil/directory.ts';
import { memoryTree } from '../fsutil/memory.ts';
import { sendTree } from '../fsutil/send.ts';
import type { Tree } from '../fsutil/tree.ts';
import type { DirXattrs, XattrReader } from '../fsutil/xattrs-ahead.ts';
import { headerValues } from './header-values.ts';

/** Where the daemon's local source comes from: a directory, or files by name that are in no directory. */
export type SyncedDir = { path: string } | { files: ReadonlyMap<string, Uint8Array> };

/**
 * moby.filesync.v1.FileSync.
 * @param dirs by name: `context`, `dockerfile`, and those of named contexts
 * @param host reads extended attributes; without it they are left out
 */
export function fileSyncService(dirs: Readonly<Record<string, SyncedDir>>, host?: HostHelper): [string, Handler][] {
  // The daemon takes a file for unchanged by its time and size.
  const started = BigInt(Date.now()) * 1_000_000n;
  const diffCopy: Handler = async (call) => {
    const name = headerValues(call.metadata, 'dir-name')[0] ?? '';
    const dir = Object.hasOwn(dirs, name) ? dirs[name] : undefined;
    if (!dir) throw new RpcError(Code.NOT_FOUND, `no access allowed to dir ${JSON.stringify(name)}`);
    const selection: Selection = {
      includes: headerValues(call.metadata, 'include-patterns'),
      excludes: headerValues(call.metadata, 'exclude-patterns'),
      follow: headerValues(call.metadata, 'followpaths'),
    };
    // Of a Dockerfile nobody wants to know them, and the helper need not be started.
    await sendTree(call, treeOf(dir, selection, started, name === 'dockerfile' ? undefined : host));
  };
  return [['/moby.filesync.v1.FileSync/DiffCopy', diffCopy]];
}

function treeOf(dir: SyncedDir, selection: Selection, modTime: bigint, host?: HostHelper): Tree {
  if ('files' in dir) return memoryTree(dir.files, modTime, selection);
  return directoryTree(dir.path, selection, host && xattrReader(host));
}

/** What cannot be read is left out, as BuildKit's own client does. */
function xattrReader(host: HostHelper): XattrReader {
  let helps = true;
  let first: Promise<unknown> | undefined;
  async function ask(path: ByteString): Promise<DirXattrs> {
    try {
      return helps ? await host.listXattrs(path) : new Map();
    } catch (error) {
      // Anything else is the helper's own: it would be started anew for each directory.
      helps &&= isGone(error) || isDenied(error);
      return new Map();
    }
  }
  return (path) => {
    const answer = first?.then(() => ask(path)) ?? ask(path);
    first ??= answer;
    return answer;
  };
}
