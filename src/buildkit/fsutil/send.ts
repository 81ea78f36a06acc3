import { contentSender } from './content.ts';
import { decodePacket, PacketType } from './packet.ts';
import { type PacketStream, packetOutput } from './packet-output.ts';
import { isRegular } from './stat.ts';
import { timeSlices } from './time-slices.ts';
import type { Tree } from './tree.ts';

/** Files that are read at the same time. */
const WORKERS = 4;

/**
 * The sending end of fsutil's protocol: lists the tree, and sends the content of the files that the receiver asks for
 * until it says that it has all.
 * @throws Error whatever went wrong at either end; the receiver has been told
 */
export async function sendTree(stream: PacketStream, tree: Tree): Promise<void> {
  const output = packetOutput(stream);
  const slice = timeSlices();
  const files = new Map<number, { path: string; size: number }>();
  let count = 0;
  let over = false;
  let told = false;

  function pause(): Promise<void> | undefined {
    if (over) return Promise.reject(new Error('the transfer has ended'));
    return slice() ?? output.full();
  }

  const content = contentSender(tree, output, pause);

  async function list(): Promise<void> {
    await tree.walk((stat) => {
      if (isRegular(stat.mode)) files.set(count, { path: stat.path, size: stat.size });
      count++;
      output.stat(stat);
    }, pause);
    output.stat();
  }

  /** Never waits for a write: the peer need not read before we have read what it says. */
  async function answer(): Promise<void> {
    for (;;) {
      const message = await stream.read();
      if (message === undefined) throw new Error('the receiver ended the transfer');
      const { type, id, data } = decodePacket(message);
      if (type === PacketType.FIN) return;
      if (type === PacketType.ERR) {
        told = true;
        throw new Error(`error from receiver: ${data}`);
      }
      if (type !== PacketType.REQ) continue;
      const file = files.get(id);
      if (!file) throw new Error(`invalid file id ${id}`);
      files.delete(id);
      content.enqueue({ id, ...file });
    }
  }

  try {
    await untilFailure(answer(), [list(), ...Array.from({ length: WORKERS }, content.work)]);
    output.fin();
  } catch (error) {
    if (!told) output.error((error as Error).message);
    throw error;
  } finally {
    over = true;
    content.stop();
    await output.drained();
  }
}

/** The end of `main`, unless one of the others fails before. */
function untilFailure(main: Promise<void>, others: readonly Promise<void>[]): Promise<void> {
  return new Promise((resolve, reject) => {
    main.then(resolve, reject);
    for (const other of others) other.catch(reject);
  });
}
