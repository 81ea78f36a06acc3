import type { EntryAttributes, FileWriter, TreeWriter } from '../../host/tree-writer.ts';
import { listValidator } from './order.ts';
import { decodePacket, PacketType } from './packet.ts';
import { type PacketStream, packetOutput } from './packet-output.ts';
import { type FileStat, GoMode, isDirectory, isRegular, stMode } from './stat.ts';
import { timeSlices } from './time-slices.ts';

/** A file whose content has been asked for. */
interface Expected {
  stat: FileStat;
  /** Opened with the first data: thousands of files may be expected. */
  writer?: FileWriter;
}

/**
 * The receiving end of fsutil's protocol: makes the entries as they are listed, and asks for the content of all files.
 * @throws Error whatever went wrong at either end; the sender has been told
 */
export async function receiveTree(stream: PacketStream, tree: TreeWriter): Promise<void> {
  const output = packetOutput(stream);
  const slice = timeSlices();
  const validate = listValidator();
  const expected = new Map<number, Expected>();
  let count = 0;
  let told = false;

  function list(stat: FileStat): void {
    validate(stat);
    const id = count++;
    if (!isRegular(stat.mode) || stat.linkname !== '') {
      makeEntry(tree, stat);
    } else if (stat.size === 0) {
      tree.file(stat.path, attributesOf(stat)).close();
    } else {
      expected.set(id, { stat });
      output.request(id);
    }
  }

  function take(id: number, data: Buffer): void {
    const file = expected.get(id);
    if (!file) throw new Error(`invalid file request ${id}`);
    file.writer ??= tree.file(file.stat.path, attributesOf(file.stat));
    if (data.length > 0) {
      file.writer.write(data);
    } else {
      file.writer.close();
      expected.delete(id);
    }
  }

  /** Until all is listed and has come. Requests are not waited for, so that the sender is always listened to. */
  async function receive(): Promise<void> {
    for (let listed = false; !listed || expected.size > 0; ) {
      const message = await stream.read();
      if (message === undefined) throw new Error('the sender ended the transfer');
      const { type, stat, id, data } = decodePacket(message);
      if (type === PacketType.ERR) {
        told = true;
        throw new Error(`error from sender: ${data}`);
      }
      if (type === PacketType.DATA) take(id, data);
      else if (type === PacketType.STAT && stat) list(stat);
      else if (type === PacketType.STAT) listed = true;
      const wait = slice();
      if (wait) await wait;
    }
  }

  try {
    await receive();
    await tree.finish();
    output.fin();
    await output.drained();
    // The sender answers with its own, and ends the call.
    while ((await stream.read()) !== undefined) {}
  } catch (error) {
    tree.abandon();
    if (!told) output.error((error as Error).message);
    await output.drained();
    throw error;
  }
}

function makeEntry(tree: TreeWriter, stat: FileStat): void {
  const attributes = attributesOf(stat);
  if (isDirectory(stat.mode)) {
    tree.directory(stat.path, attributes);
  } else if (stat.mode & GoMode.SYMLINK) {
    tree.symlink(stat.path, stat.linkname, attributes);
  } else if (stat.linkname !== '') {
    tree.link(stat.path, stat.linkname);
  } else {
    tree.special(stat.path, attributes, { major: stat.devmajor, minor: stat.devminor });
  }
}

function attributesOf(stat: FileStat): EntryAttributes {
  return { mode: stMode(stat.mode), modTime: stat.modTime, xattrs: stat.xattrs };
}
