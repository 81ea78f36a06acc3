import { randomBytes } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { SyncedDir } from '../../buildkit/services/file-sync.ts';
import { invalid } from '../../docker/errors.ts';
import { quote } from '../../docker/values/go-quote.ts';
import { namedContexts } from './named-contexts.ts';
import { peek } from './peek.ts';
import { isArchive, isRemote, isWebAddress } from './sources.ts';

/** What a build reads: attributes for the frontend, and what the session serves under the names in them. */
export interface BuildInputs {
  attrs: Record<string, string>;
  /** Directories, or files in none, by the name that BuildKit asks for. */
  dirs: Record<string, SyncedDir>;
  /** OCI layouts by the ID of their store. */
  layouts: Record<string, string>;
  /** Streams by the ID in `http://buildkit-session/ID`. */
  uploads: Record<string, Readable>;
  /** The context's directory, for what BuildKit keeps of it; empty for others. */
  contextDir: string;
  /** Where the Dockerfile is, for messages. */
  dockerfile: string;
  /** Where it has to be fetched from: see fetchDockerfile. */
  dockerfileUrl?: string;
}

export interface InputOptions {
  context: string;
  file: string;
  contexts: Readonly<Record<string, string>>;
  stdin: () => Readable;
  signal: AbortSignal;
}

/** @throws DockerError `invalid`, in buildx's words */
export async function loadInputs(options: InputOptions): Promise<BuildInputs> {
  const inputs: BuildInputs = { attrs: {}, dirs: {}, layouts: {}, uploads: {}, contextDir: '', dockerfile: '' };
  const url = isWebAddress(options.file) ? options.file : undefined;
  const { dir, name, stdin } = await loadContext(inputs, url ? { ...options, file: 'Dockerfile' } : options);
  if (url) {
    inputs.dockerfileUrl = url;
    inputs.attrs.dockerfilekey = 'dockerfile';
  } else if (stdin) {
    inputs.dirs.dockerfile = { files: new Map([['Dockerfile', await buffer(stdin)]]) };
    inputs.attrs.dockerfilekey = 'dockerfile';
  } else if (dir !== undefined) {
    inputs.dirs.dockerfile = { path: dir };
  }
  inputs.attrs.filename = dir === undefined || url ? name : existingName(dir, name, options.file === '');
  inputs.dockerfile = stdin ? 'stdin' : options.file || join(options.context, inputs.attrs.filename);
  const named = namedContexts(options.contexts);
  Object.assign(inputs.attrs, named.attrs);
  for (const [local, path] of Object.entries(named.dirs)) inputs.dirs[local] = { path };
  inputs.layouts = named.layouts;
  return inputs;
}

/** Where the Dockerfile is: a directory (undefined: in the context itself) and a name, or standard input. */
interface DockerfileSource {
  dir?: string;
  name: string;
  stdin?: Readable;
}

async function loadContext(
  inputs: BuildInputs,
  { context, file, stdin, signal }: InputOptions,
): Promise<DockerfileSource> {
  if (context === '') throw invalid('please specify build context (e.g. "." for the current directory)');
  if (context === '-') return contextOnStdin(inputs, file, stdin(), signal);
  if (isDirectory(context)) {
    inputs.dirs.context = { path: context };
    inputs.contextDir = resolve(context);
    if (file === '-') return { name: 'Dockerfile', stdin: stdin() };
    if (file === '') return { dir: context, name: 'Dockerfile' };
    return localFile(file);
  }
  if (!isRemote(context)) throw invalid(`unable to prepare context: path ${quote(context)} not found`);
  inputs.attrs.context = context;
  if (file === '-') return { name: 'Dockerfile', stdin: stdin() };
  if (!isAbsolute(file)) return { name: file || 'Dockerfile' };
  inputs.attrs.dockerfilekey = 'dockerfile';
  return localFile(file);
}

function localFile(file: string): DockerfileSource {
  const dir = dirname(file);
  if (!isDirectory(dir)) throw invalid(`failed to read dockerfile: open ${file}: no such file or directory`);
  return { dir, name: basename(file) };
}

/** Standard input has an archive, or a Dockerfile for an empty context. */
async function contextOnStdin(
  inputs: BuildInputs,
  file: string,
  input: Readable,
  signal: AbortSignal,
): Promise<DockerfileSource> {
  if (file === '-') throw invalid("invalid argument: can't use stdin for both build context and dockerfile");
  const { head, whole } = await peek(input, 1024, signal);
  if (head.length === 0) throw invalid('the build context on standard input is empty');
  if (isArchive(head)) {
    const id = randomBytes(16).toString('hex');
    inputs.uploads[id] = whole;
    inputs.attrs.context = `http://buildkit-session/${id}`;
    return { name: file || 'Dockerfile' };
  }
  if (file !== '') throw invalid('ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles');
  inputs.dirs.context = { files: new Map() };
  return { name: 'Dockerfile', stdin: whole };
}

/** As in docker, `dockerfile` will do; as in podman and Go nerdctl, `Containerfile` where nobody named a file. */
function existingName(dir: string, name: string, unnamed: boolean): string {
  if (name !== 'Dockerfile') return name;
  const others = unnamed ? ['dockerfile', 'Containerfile'] : ['dockerfile'];
  return [name, ...others].find((each) => isThere(join(dir, each))) ?? name;
}

/** What may not be looked at is found out when BuildKit asks for it. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
