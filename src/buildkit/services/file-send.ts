import { bytesOfText } from '../../docker/values/byte-text.ts';
import { fieldOf } from '../../grpc/hpack.ts';
import type { Handler, ServerCall } from '../../grpc/server.ts';
import { ensureDir } from '../../host/files.ts';
import type { HostHelper } from '../../host/helper.ts';
import { pathError } from '../../host/path-error.ts';
import { createTreeWriter } from '../../host/tree-writer.ts';
import { dataOf } from '../bytes-message.ts';
import { receiveTree } from '../fsutil/receive.ts';
import { headerValues } from './header-values.ts';

/**
 * Takes what an exporter writes, a tar archive mostly, until its end.
 * @param metadata the exporter's response, as far as it is known: `containerimage.digest`, …
 */
export type FileSink = (chunks: AsyncIterable<Uint8Array>, metadata: Record<string, string>) => Promise<void>;

/** Where the result of an exporter goes. */
export type FileOutput =
  /** @param id the exporter's index in the request */
  | { id: number; kind: 'file'; sink: FileSink }
  /** A directory, created where it is missing. What is in it stays, unless the result has the same name. */
  | { id: number; kind: 'local'; dir: string };

/**
 * moby.filesync.v1.FileSend.
 * @param host makes devices and exact times in directories
 */
export function fileSendService(outputs: readonly FileOutput[], host?: HostHelper): [string, Handler][] {
  const diffCopy: Handler = async (call) => {
    const id = Number(fieldOf(call.metadata, 'buildkit-attachable-exporter-id') ?? 0);
    const output = outputs.find((candidate) => candidate.id === id);
    if (!output) throw new Error(`nothing takes the output of exporter ${id}`);
    if (output.kind === 'file') await output.sink(chunksOf(call), exporterMetadata(call));
    else await receiveDirectory(call, output.dir, host);
  };
  return [['/moby.filesync.v1.FileSend/DiffCopy', diffCopy]];
}

async function* chunksOf(call: ServerCall): AsyncGenerator<Uint8Array> {
  for (let message = await call.read(); message; message = await call.read()) yield dataOf(message);
}

const METADATA = 'exporter-md-';

function exporterMetadata({ metadata }: ServerCall): Record<string, string> {
  const names = new Set(metadata.map(([name]) => name).filter((name) => name.startsWith(METADATA)));
  const isEscape = (name: string) => name.endsWith('-encoded') && names.has(name.slice(0, -'-encoded'.length));
  const own = [...names].filter((name) => !isEscape(name));
  return Object.fromEntries(own.map((name) => [name.slice(METADATA.length), headerValues(metadata, name).join(',')]));
}

async function receiveDirectory(call: ServerCall, dir: string, host?: HostHelper): Promise<void> {
  try {
    await ensureDir(dir, 0o700);
  } catch (error) {
    const { message } = pathError('mkdir', bytesOfText(dir), error);
    throw new Error(`failed to create synctarget dest dir ${dir}: ${message}`, { cause: error });
  }
  await receiveTree(call, createTreeWriter(dir, host));
}
