import { Flag, type Frame, FrameType, H2Code, protocolError, stripPadding } from './frames.ts';
import { type HeaderField, headerDecoder } from './hpack.ts';

const MAX_HEADER_LIST = 16 << 20;

export interface HeaderBlock {
  streamId: number;
  fields: HeaderField[];
  /** END_STREAM: nothing follows. */
  end: boolean;
}

/**
 * Puts the header blocks of one direction together. The returned function gets every frame: undefined when the frame is
 * none of a block, `more` while the block is not whole.
 * @throws ProtocolError from the returned function
 */
export function headerBlocks(): (received: Frame) => HeaderBlock | 'more' | undefined {
  const decode = headerDecoder(MAX_HEADER_LIST);
  let open: { streamId: number; end: boolean; parts: Buffer[]; size: number } | undefined;

  function fieldsOf(parts: Buffer[]): HeaderField[] {
    try {
      return decode(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    } catch (error) {
      throw protocolError(H2Code.COMPRESSION_ERROR, (error as Error).message);
    }
  }

  return (received) => {
    const { type, streamId, flags } = received;
    if (open && (type !== FrameType.CONTINUATION || streamId !== open.streamId)) {
      throw protocolError(H2Code.PROTOCOL_ERROR, 'a header block was interrupted');
    }
    if (type === FrameType.HEADERS) {
      open = { streamId, end: (flags & Flag.END_STREAM) !== 0, parts: [], size: 0 };
    } else if (type !== FrameType.CONTINUATION) {
      return undefined;
    } else if (!open) {
      throw protocolError(H2Code.PROTOCOL_ERROR, 'CONTINUATION without HEADERS');
    }
    const part = type === FrameType.HEADERS ? stripPadding(received) : received.payload;
    open.parts.push(part);
    open.size += part.length;
    if (open.size > MAX_HEADER_LIST) throw protocolError(H2Code.ENHANCE_YOUR_CALM, 'header block too large');
    if (!(flags & Flag.END_HEADERS)) return 'more';
    const { end, parts } = open;
    open = undefined;
    return { streamId, fields: fieldsOf(parts), end };
  };
}
