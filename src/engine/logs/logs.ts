import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { EntryFormat } from './entries.ts';
import { type LogFile, openLogFiles, tailStart } from './files.ts';
import { type Cursor, type LogSinks, readOn } from './reader.ts';

export interface LogOptions extends EntryFormat, LogSinks {
  /** Only the last so many entries; counted before `since` and `until` apply. */
  tail?: number;
  /** Go on with what is written, until this is settled (the container has ended) and everything has been read. */
  follow?: Promise<unknown>;
  signal?: AbortSignal;
}

/**
 * Reads a container's json-file log with its rotated files: docker's, Go nerdctl's and ours are the same format.
 * A log that does not exist (the container never ran) is empty.
 * @param path of the current file, `<state dir>/<id>-json.log`
 */
export async function readLogs(path: string, options: LogOptions): Promise<void> {
  const changes = options.follow ? watchLog(path, options) : undefined;
  try {
    const files = await present(path);
    const last = await readFiles(files, options);
    if (changes && last !== 'until') await follow(path, last, options, changes);
    else if (last && last !== 'until') await last.cursor.handle.close();
  } finally {
    changes?.close();
  }
}

interface Open {
  cursor: Cursor;
  inode: number;
}

/** Reads files from the oldest on; gives back the youngest, still open. */
async function readFiles(files: LogFile[], options: LogOptions): Promise<Open | undefined | 'until'> {
  let from = { index: 0, offset: 0 };
  const youngest = files.at(-1);
  if (options.tail === 0 && youngest) from = { index: files.length - 1, offset: (await youngest.handle.stat()).size };
  else if (options.tail !== undefined && options.tail > 0) from = await tailStart(files, options.tail);
  let kept: LogFile | undefined;
  try {
    for (const [index, file] of files.entries()) {
      if (index < from.index) continue;
      const cursor = { handle: file.handle, offset: index === from.index ? from.offset : 0 };
      if (!(await readOn(cursor, options, options, options.signal))) return 'until';
      if (file !== youngest) continue;
      kept = file;
      return { cursor, inode: file.inode };
    }
    return undefined;
  } finally {
    for (const file of files) if (file !== kept) await file.handle.close();
  }
}

async function follow(path: string, start: Open | undefined, options: LogOptions, changes: Changes): Promise<void> {
  let current = start;
  try {
    for (;;) {
      // Taken before reading: what happens meanwhile wakes us again.
      const ended = changes.ended();
      const next = changes.next();
      if (current) {
        await startOverIfCut(current.cursor);
        if (!(await readOn(current.cursor, options, options, options.signal))) return;
      }
      const rotated = await present(path, current?.inode);
      if (rotated.length > 0) {
        // What was written between our last reading and the rotation.
        if (current && !(await readOn(current.cursor, options, options, options.signal))) return;
        await current?.cursor.handle.close();
        current = undefined;
        const last = await readFiles(rotated, { ...options, tail: undefined });
        if (last === 'until') return;
        current = last;
        continue;
      }
      if (ended) return;
      await next;
    }
  } finally {
    await current?.cursor.handle.close();
  }
}

/** With a single file, rotation cuts it in place. */
async function startOverIfCut(cursor: Cursor): Promise<void> {
  const { size } = await cursor.handle.stat();
  if (size < cursor.offset) cursor.offset = 0;
}

async function present(path: string, after?: number): Promise<LogFile[]> {
  const exists = await stat(path).then(
    (s) => s.ino !== after,
    () => false,
  );
  return exists ? openLogFiles(path, after) : [];
}

interface Changes {
  /** Resolves at the next change of the log after this call, or at the end. */
  next(): Promise<void>;
  ended(): boolean;
  close(): void;
}

/** The directory is watched, not the file: it sees the rotation, and a log that is yet to be made. */
function watchLog(path: string, { follow: end, signal, until }: LogOptions): Changes {
  const name = basename(path);
  let wake: (() => void) | undefined;
  let reject: ((reason: unknown) => void) | undefined;
  let over = false;
  const finish = () => {
    over = true;
    wake?.();
  };
  const abort = () => reject?.(signal?.reason);
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(path), (event, file) => {
      if (event === 'rename' || file === null || file === name) wake?.();
    });
    watcher.on('error', finish);
  } catch {
    // Removed already.
    over = true;
  }
  const timer = until === undefined ? undefined : setTimeout(finish, Math.min(untilMs(until), 2 ** 31 - 1));
  end?.then(finish, finish);
  signal?.addEventListener('abort', abort, { once: true });
  return {
    next: () => {
      const changed = new Promise<void>((yes, no) => {
        wake = yes;
        reject = no;
      });
      changed.catch(() => {});
      return changed;
    },
    ended: () => over,
    close: () => {
      watcher?.close();
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

function untilMs(until: bigint): number {
  return Math.max(0, Number(until / 1_000_000n) - Date.now());
}
