import type { Source } from './excerpt.ts';
import { fieldsOf, type WireField } from './wire-fields.ts';

/** What BuildKit sends with an error besides its sentence. */
export interface ErrorDetails {
  /** The gRPC status; 0 if missing. */
  code: number;
  message: string;
  /** Where in a Dockerfile, from the inside out. */
  sources: Source[];
  /** Digest of the failed step. */
  vertex?: string;
  /** Of the process that a step ran. */
  exitCode?: number;
}

/**
 * Reads `grpc-status-details-bin`: a google.rpc.Status whose Any values are JSON, as containerd's typeurl packs them. What
 * is not understood is left out, of bytes that are no message too.
 */
export function readErrorDetails(bytes: Uint8Array): ErrorDetails {
  const details: ErrorDetails = { code: 0, message: '', sources: [] };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && typeof field.value === 'number') details.code = field.value;
    if (field.number === 2) details.message = textOf(field);
    if (field.number === 3) readDetail(details, field);
  }
  return details;
}

function readDetail(details: ErrorDetails, field: WireField): void {
  if (typeof field.value === 'number') return;
  const [type, value] = [1, 2].map((number) => {
    const inner = fieldsOf(field.value as Uint8Array).find((candidate) => candidate.number === number);
    return inner ? textOf(inner) : '';
  });
  const name = type?.split('/').at(-1);
  const content = parseJson(value ?? '');
  if (name === 'errdefs.Source+json') details.sources.push(sourceOf(content));
  if (name === 'errdefs.Vertex+json' && typeof content.digest === 'string') details.vertex = content.digest;
  if (name?.endsWith('.ExitMessage+json') && typeof content.Code === 'number') details.exitCode = content.Code;
}

function textOf({ value }: WireField): string {
  return typeof value === 'number' ? '' : Buffer.from(value).toString();
}

type Json = Record<string, unknown>;

function parseJson(text: string): Json {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

/** Of BuildKit's JSON of a source: zeros are left out, bytes are base64. */
export function sourceOf({ info, ranges }: Json): Source {
  const { filename, data, language } = objectOf(info);
  return {
    info: info ? { filename: String(filename ?? ''), data: base64(data), language: language as string } : undefined,
    ranges: (Array.isArray(ranges) ? ranges : []).map((range) => ({
      start: positionOf(objectOf(range).start),
      end: positionOf(objectOf(range).end),
    })),
  };
}

function base64(data: unknown): Uint8Array {
  return Buffer.from(typeof data === 'string' ? data : '', 'base64');
}

function positionOf(value: unknown): { line: number; character: number } {
  const { line, character } = objectOf(value);
  return { line: Number(line ?? 0), character: Number(character ?? 0) };
}
