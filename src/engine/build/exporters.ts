import { existsSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DockerError, invalid } from '../../docker/errors.ts';
import { type BuildOutput, destinationKind, isPushed } from '../../docker/flags/build-outputs.ts';
import { normalizeReference } from '../../docker/reference.ts';
import { errnoSentence } from '../../host/path-error.ts';
import { attestsSomething } from './attestations.ts';
import { ownPrefix } from './in-place.ts';
import type { BuildRequest } from './request.ts';

/** An exporter of the request, and what becomes of what it makes. */
export interface PlannedExporter {
  type: string;
  attrs: Record<string, string>;
  result: BuildResultPlace;
}

export type BuildResultPlace =
  /** BuildKit keeps or pushes it. */
  | { kind: 'there' }
  /** It is in our containerd already, under a name of ours, and gets these. */
  | { kind: 'in-place'; names: string[]; prefix: string }
  /** It comes as an archive, which is loaded. */
  | { kind: 'load' }
  | { kind: 'directory'; path: string }
  | { kind: 'file'; path: string }
  | { kind: 'stdout' }
  /** An OCI layout, which BuildKit writes blob by blob. */
  | { kind: 'layout'; path: string; tag: string };

export interface ExporterFacts {
  /** BuildKit's images are ours. */
  shared: boolean;
  /** Unique to the build. */
  ref: string;
  insecureRegistry: boolean;
  /** An archive on standard output would fill somebody's screen. */
  stdoutIsTerminal: boolean;
}

/**
 * What to ask of BuildKit for the outputs of a request; without any, one image for us.
 * @throws DockerError `invalid`, in buildx's words
 */
export function planExporters(request: BuildRequest, facts: ExporterFacts): PlannedExporter[] {
  const planned = wantedOutputs(request).map((output) => plan(request, facts, output));
  if (planned.filter(({ result }) => result.kind === 'stdout').length > 1) {
    throw invalid('multiple outputs configured to write to stdout');
  }
  if (planned.filter(({ result }) => result.kind === 'layout').length > 1) {
    throw invalid('multiple outputs configured to write OCI layouts: BuildKit writes one at a time');
  }
  return planned.map((exporter) => ({ ...exporter, attrs: { ...exporter.attrs, ...request.annotations } }));
}

function wantedOutputs({ outputs, call }: BuildRequest): BuildOutput[] {
  if (outputs.length === 0 && call === undefined) return [{ type: 'docker', attrs: {}, dest: '' }];
  return outputs.filter(({ type }) => type !== 'cacheonly');
}

/** Whether an image comes into our containerd; `perhaps` where BuildKit is to keep it, and may share it with us. */
export function comesToUs(request: BuildRequest): 'surely' | 'perhaps' | 'never' {
  const outputs = wantedOutputs(request);
  if (outputs.some(isLoaded)) return 'surely';
  return outputs.some(({ type }) => type === 'image') ? 'perhaps' : 'never';
}

const isLoaded = (output: BuildOutput): boolean =>
  output.type === 'docker' && output.dest === '' && destinationKind(output) === 'file';

function plan(request: BuildRequest, facts: ExporterFacts, output: BuildOutput): PlannedExporter {
  const { type, attrs } = output;
  const isImage = type === 'image' || type === 'oci' || type === 'docker';
  const named = isImage && request.tags.length > 0 ? { ...attrs, name: request.tags.join(',') } : { ...attrs };
  if (type === 'image' && isPushed(output)) return pushed(named, facts);
  if (facts.shared && (type === 'image' || isLoaded(output))) return inPlace(named, facts);
  if (isLoaded(output)) {
    return { type: hasManifestList(request) ? 'oci' : 'docker', attrs: named, result: { kind: 'load' } };
  }
  if (type === 'docker' && hasManifestList(request)) {
    throw invalid('docker exporter does not support exporting manifest lists, use the oci exporter instead');
  }
  return { type, attrs: named, result: placeOf(output, facts) };
}

/** What goes to a registry is not kept beside it; --load keeps it. */
function pushed(attrs: Record<string, string>, facts: ExporterFacts): PlannedExporter {
  if (!attrs.name) throw invalid('tag is needed when pushing to registry');
  const defaults: Record<string, string> = {};
  if (facts.insecureRegistry) defaults['registry.insecure'] = 'true';
  if (facts.shared) defaults.store = 'false';
  return { type: 'image', attrs: { ...defaults, ...attrs }, result: { kind: 'there' } };
}

/** The names are given by us, last: what had them before stays as a dangling image, as in docker. */
function inPlace({ name, ...attrs }: Record<string, string>, { ref }: ExporterFacts): PlannedExporter {
  const prefix = ownPrefix(ref);
  const names = name ? name.split(',').map(normalizeReference) : [];
  return {
    type: 'image',
    attrs: { unpack: 'true', ...attrs, 'dangling-name-prefix': prefix },
    result: { kind: 'in-place', names, prefix },
  };
}

function hasManifestList(request: BuildRequest): boolean {
  return request.platforms.length > 1 || attestsSomething(request);
}

function placeOf(output: BuildOutput, facts: ExporterFacts): BuildResultPlace {
  const { type, attrs, dest } = output;
  const kind = destinationKind(output);
  if (kind === undefined) return { kind: 'there' };
  if (dest === '-') {
    if (facts.stdoutIsTerminal) {
      throw invalid(`dest file is required for ${type} exporter. refusing to write to console`);
    }
    return { kind: 'stdout' };
  }
  const stat = statOf(dest, kind);
  if (kind === 'file') {
    if (stat?.isDirectory()) throw invalid(`destination file ${dest} is a directory`);
    // The file appears when it is whole: said now, and not after a long build.
    if (!existsSync(dirname(dest))) throw invalid(`failed to open ${dest}: no such file or directory`);
    return { kind: 'file', path: dest };
  }
  if (stat && !stat.isDirectory()) throw invalid(`destination directory ${dest} is a file`);
  if (type === 'local' && attrs.mode === 'delete') {
    throw new DockerError('not-implemented', 'local output mode=delete is not supported: empty the directory first');
  }
  return type === 'local' ? { kind: 'directory', path: dest } : { kind: 'layout', path: dest, tag: 'latest' };
}

function statOf(dest: string, kind: string): Stats | undefined {
  try {
    return statSync(dest, { throwIfNoEntry: false });
  } catch (error) {
    throw invalid(`invalid destination ${kind}: ${dest}: stat ${dest}: ${errnoSentence(error)}`);
  }
}
