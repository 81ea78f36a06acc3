import { invalid } from '../errors.ts';
import { parseGoBool } from './bool.ts';
import { parseCsvLine } from './csv.ts';

/** A value of -o/--output, or what --load and --push stand for. */
export interface BuildOutput {
  /** An exporter of BuildKit's (`image`, `oci`, `docker`, `local`, `tar`), or `cacheonly`. */
  type: string;
  /** All other keys, in lower case. */
  attrs: Record<string, string>;
  /** Where the result goes: `-` is the standard output. Empty for `image`, and for `docker` when it is to be loaded. */
  dest: string;
}

/**
 * The values of -o/--output: a CSV record of key=value, or a directory alone, or `-` alone (a tar archive).
 * @throws DockerError `invalid`, in buildx's words
 */
export function parseBuildOutputs(values: readonly string[]): BuildOutput[] {
  return values.filter((value) => value !== '').map(parseBuildOutput);
}

function parseBuildOutput(value: string): BuildOutput {
  const fields = parseCsvLine(value);
  if (fields.length === 1 && fields[0] === value && !value.startsWith('type=')) {
    return { type: value === '-' ? 'tar' : 'local', attrs: {}, dest: value };
  }
  const output: BuildOutput = { type: '', attrs: {}, dest: '' };
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals < 0) throw invalid(`invalid value ${field}`);
    const key = field.slice(0, equals).toLowerCase().trim();
    const text = field.slice(equals + 1);
    if (key === 'type') output.type = text;
    else if (key === 'dest') output.dest = text;
    else output.attrs[key] = text;
  }
  if (output.type === '') throw invalid('type is required for output');
  return output;
}

/**
 * What the types stand for, where they go unless they say so, and what --push and --load add.
 * @throws DockerError `invalid`, in buildx's words
 */
export function completeOutputs(
  outputs: readonly BuildOutput[],
  { push, load }: { push: boolean; load: boolean },
): BuildOutput[] {
  let all = outputs.map(complete);
  if (push) all = withPush(all);
  if (load) all = withLoad(all);
  return all;
}

function complete(output: BuildOutput): BuildOutput {
  const { type, attrs, dest } = output;
  if (type === 'registry') return { type: 'image', attrs: { unpack: 'false', ...attrs, push: 'true' }, dest };
  if (destinationKind(output) === 'directory') {
    if (dest === '') throw invalid(`dest is required for ${type} exporter`);
    if (dest === '-') throw invalid(`dest cannot be stdout for ${type} exporter`);
  }
  if (destinationKind(output) === 'file' && dest === '' && type !== 'docker') return { ...output, dest: '-' };
  return output;
}

/** What `dest` names, for the types that have one. */
export function destinationKind({ type, attrs }: BuildOutput): 'file' | 'directory' | undefined {
  if (type === 'local') return 'directory';
  if (type === 'tar') return 'file';
  if (type === 'oci' || type === 'docker') return (parseGoBool(attrs.tar ?? '') ?? true) ? 'file' : 'directory';
  return undefined;
}

/** The outputs with --push: an image among them is pushed, or one more is. */
function withPush(outputs: readonly BuildOutput[]): BuildOutput[] {
  const pushed = { unpack: 'false', push: 'true' };
  if (!outputs.some(({ type }) => type === 'image')) return [...outputs, { type: 'image', attrs: pushed, dest: '' }];
  return outputs.map((output) =>
    output.type === 'image' ? { ...output, attrs: { unpack: 'false', ...output.attrs, push: 'true' } } : output,
  );
}

/** The outputs with --load: one of them is loaded already, or one more is. */
function withLoad(outputs: readonly BuildOutput[]): BuildOutput[] {
  if (outputs.some(({ type, dest }) => type === 'docker' && dest === '')) return [...outputs];
  return [...outputs, { type: 'docker', attrs: {}, dest: '' }];
}

/** Of an `image`: whether it goes to a registry. */
export function isPushed({ type, attrs }: BuildOutput): boolean {
  return type === 'image' && (parseGoBool(attrs.push ?? '') ?? false);
}
