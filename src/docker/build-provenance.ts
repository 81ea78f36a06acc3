/** `min` leaves out the steps of the build and what they cost. */
export type ProvenanceDetail = 'min' | 'max';

/**
 * BUILDX_METADATA_PROVENANCE.
 * @returns undefined for none
 */
export function provenanceDetail(value: string | undefined): ProvenanceDetail | undefined {
  if (value === 'max') return 'max';
  return ['disabled', '0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value ?? '') ? undefined : 'min';
}

type Json = Record<string, unknown>;

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/**
 * A provenance statement as buildx writes it to a metadata file: always in the terms of SLSA 0.2.
 * @param predicate of SLSA 0.2 or 1, as JSON
 * @returns JSON in base64
 */
export function provenanceJson(predicate: Uint8Array, detail: ProvenanceDetail): string {
  const parsed = object(JSON.parse(Buffer.from(predicate).toString()));
  const { buildConfig, metadata, ...rest } = 'buildDefinition' in parsed ? ofVersion1(parsed) : parsed;
  const { materials, ...head } = rest;
  const told = detail === 'max' ? { ...rest, buildConfig, metadata } : { ...head, materials };
  return Buffer.from(JSON.stringify(told)).toString('base64');
}

function ofVersion1({ buildDefinition, runDetails }: Json): Json {
  const { externalParameters, internalParameters, resolvedDependencies } = object(buildDefinition);
  const { configSource, request } = object(externalParameters);
  const { uri, digest, path } = object(configSource);
  const { buildConfig, builderPlatform, ...custom } = object(internalParameters);
  const { builder, metadata } = object(runDetails);
  const dependencies = Array.isArray(resolvedDependencies) ? resolvedDependencies.map(object) : undefined;
  return {
    builder: { id: object(builder).id },
    buildType: 'https://mobyproject.org/buildkit@v1',
    materials: dependencies?.map((each) => ({ uri: each.uri, digest: each.digest })),
    invocation: {
      configSource: { uri, digest, entryPoint: path },
      parameters: request,
      environment: { platform: builderPlatform, ...custom },
    },
    buildConfig,
    metadata: metadata && metadataOfVersion1(object(metadata)),
  };
}

function metadataOfVersion1(metadata: Json): Json {
  const { request, resolvedDependencies } = object(metadata.buildkit_completeness);
  return {
    buildInvocationID: metadata.invocationId,
    buildStartedOn: metadata.startedOn,
    buildFinishedOn: metadata.finishedOn,
    completeness: { parameters: request, environment: true, materials: resolvedDependencies },
    reproducible: metadata.buildkit_reproducible ?? false,
    'https://mobyproject.org/buildkit@v1#metadata': metadata.buildkit_metadata,
    'https://mobyproject.org/buildkit@v1#hermetic': metadata.buildkit_hermetic,
  };
}
