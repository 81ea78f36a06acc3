import type { ByteString } from '../../docker/values/byte-text.ts';
import { type FileStat, fileStat } from './stat.ts';
import { bigVarintSize, putBigVarint, putVarint, reader, varintSize } from './varint.ts';

/** fsutil.types.Packet.PacketType. */
export const PacketType = { STAT: 0, REQ: 1, DATA: 2, FIN: 3, ERR: 4 } as const;

/** fsutil.types.Packet. */
export interface Packet {
  type: number;
  /** None in the STAT that ends the list. */
  stat?: FileStat;
  /** The index of the entry among all that have come. */
  id: number;
  data: Buffer;
}

/*
 * Written by hand: generated code would turn the bytes of names into characters, and allocate for each packet.
 * Fields are in the order of their numbers, zeros left out, as protobuf's own encoders write them.
 */

/** Of a packet without its stat and data. */
export function headSize(type: number, id: number): number {
  return (type === 0 ? 0 : 2) + (id === 0 ? 0 : 1 + varintSize(id));
}

/** Type and ID; returns where to go on. */
export function putHead(out: Buffer, at: number, type: number, id: number): number {
  let next = at;
  if (type !== 0) {
    out[next++] = 0x08;
    out[next++] = type;
  }
  return putNumber(out, next, 0x18, id);
}

/** The tag and the length of `data`, which follows. */
export function putDataHead(out: Buffer, at: number, length: number): number {
  out[at] = 0x22;
  return putVarint(out, at + 1, length);
}

/** Of a packet that holds only a stat, and of the stat within. */
export function statPacketSize(stat: FileStat): { packet: number; body: number } {
  const body = statSize(stat);
  return { packet: 1 + varintSize(body) + body, body };
}

export function putStatPacket(out: Buffer, at: number, stat: FileStat, body: number): number {
  out[at] = 0x12;
  return putStat(out, putVarint(out, at + 1, body), stat);
}

function statSize(stat: FileStat): number {
  let size = textSize(stat.path) + numberSize(stat.mode) + numberSize(stat.uid) + numberSize(stat.gid);
  size += numberSize(stat.size) + (stat.modTime === 0n ? 0 : 1 + bigVarintSize(stat.modTime));
  size += textSize(stat.linkname) + numberSize(stat.devmajor) + numberSize(stat.devminor);
  for (const [name, value] of stat.xattrs) {
    const entry = xattrSize(name, value);
    size += 1 + varintSize(entry) + entry;
  }
  return size;
}

function putStat(out: Buffer, at: number, stat: FileStat): number {
  let next = putText(out, at, 0x0a, stat.path);
  next = putNumber(out, next, 0x10, stat.mode);
  next = putNumber(out, next, 0x18, stat.uid);
  next = putNumber(out, next, 0x20, stat.gid);
  next = putNumber(out, next, 0x28, stat.size);
  if (stat.modTime !== 0n) {
    out[next] = 0x30;
    next = putBigVarint(out, next + 1, stat.modTime);
  }
  next = putText(out, next, 0x3a, stat.linkname);
  next = putNumber(out, next, 0x40, stat.devmajor);
  next = putNumber(out, next, 0x48, stat.devminor);
  for (const [name, value] of stat.xattrs) {
    out[next] = 0x52;
    next = putText(out, putVarint(out, next + 1, xattrSize(name, value)), 0x0a, name);
    if (value.length === 0) continue;
    out[next] = 0x12;
    next = putVarint(out, next + 1, value.length);
    out.set(value, next);
    next += value.length;
  }
  return next;
}

function xattrSize(name: ByteString, value: Uint8Array): number {
  return textSize(name) + (value.length === 0 ? 0 : 1 + varintSize(value.length) + value.length);
}

function textSize(text: ByteString): number {
  return text === '' ? 0 : 1 + varintSize(text.length) + text.length;
}

function putText(out: Buffer, at: number, tag: number, text: ByteString): number {
  if (text === '') return at;
  out[at] = tag;
  const next = putVarint(out, at + 1, text.length);
  return next + out.write(text, next, 'latin1');
}

function numberSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

function putNumber(out: Buffer, at: number, tag: number, value: number): number {
  if (value === 0) return at;
  out[at] = tag;
  return putVarint(out, at + 1, value);
}

const NOTHING = Buffer.alloc(0);

/** `data` is a view of the message. @throws Error where it is no packet */
export function decodePacket(message: Uint8Array): Packet {
  const packet: Packet = { type: 0, id: 0, data: NOTHING };
  const input = reader(message);
  while (input.more()) {
    const tag = input.number();
    if (tag === 0x08) packet.type = input.number();
    else if (tag === 0x12) packet.stat = decodeStat(input.bytes());
    else if (tag === 0x18) packet.id = input.number();
    else if (tag === 0x22) packet.data = input.bytes();
    else input.skip(tag & 7);
  }
  return packet;
}

function decodeStat(bytes: Buffer): FileStat {
  const stat = fileStat('', 0);
  const xattrs: [ByteString, Uint8Array][] = [];
  const input = reader(bytes);
  while (input.more()) {
    const tag = input.number();
    if (tag === 0x0a) stat.path = input.text();
    else if (tag === 0x10) stat.mode = input.number();
    else if (tag === 0x18) stat.uid = input.number();
    else if (tag === 0x20) stat.gid = input.number();
    else if (tag === 0x28) stat.size = input.number();
    else if (tag === 0x30) stat.modTime = BigInt.asIntN(64, input.bigint());
    else if (tag === 0x3a) stat.linkname = input.text();
    else if (tag === 0x40) stat.devmajor = input.number();
    else if (tag === 0x48) stat.devminor = input.number();
    else if (tag === 0x52) xattrs.push(decodeXattr(input.bytes()));
    else input.skip(tag & 7);
  }
  stat.xattrs = xattrs;
  return stat;
}

function decodeXattr(bytes: Buffer): [ByteString, Uint8Array] {
  let name = '';
  let value: Uint8Array = NOTHING;
  const input = reader(bytes);
  while (input.more()) {
    const tag = input.number();
    if (tag === 0x0a) name = input.text();
    else if (tag === 0x12) value = input.bytes();
    else input.skip(tag & 7);
  }
  return [name, value];
}
