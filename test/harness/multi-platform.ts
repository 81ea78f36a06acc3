import { type Entry, hostArchitecture, sha256, tar } from './archive.ts';

/** An OCI layout with an index of three platforms, the last of which is left out, and with an attestation. */
export async function multiPlatform(name: string): Promise<{ archive: Buffer; index: string; foreign: string }> {
  const foreign = hostArchitecture() === 'arm64' ? 'amd64' : 'arm64';
  const files = new Map<string, Entry>();
  const put = (mediaType: string, body: string | Buffer) => {
    const digest = `sha256:${sha256(body)}`;
    files.set(digest, { path: `blobs/${digest.replace(':', '/')}`, body });
    return { mediaType, digest, size: Buffer.byteLength(body) };
  };
  const manifest = (config: object, layer: object, annotations = {}) =>
    put(
      'application/vnd.oci.image.manifest.v1+json',
      JSON.stringify({ schemaVersion: 2, config, layers: [layer], annotations }),
    );
  const platforms: object[] = [];
  for (const architecture of [hostArchitecture(), foreign, 's390x']) {
    const body = await tar([{ path: 'arch', body: architecture }]);
    const rootfs = { type: 'layers', diff_ids: [`sha256:${sha256(body)}`] };
    const config = put(
      'application/vnd.oci.image.config.v1+json',
      JSON.stringify({ architecture, os: 'linux', rootfs }),
    );
    const image = manifest(config, put('application/vnd.oci.image.layer.v1.tar', body));
    platforms.push({ ...image, platform: { os: 'linux', architecture } });
    if (architecture === 's390x') files.delete(image.digest);
  }
  const statement = put('application/vnd.in-toto+json', '{}');
  const attestation = manifest(put('application/vnd.oci.image.config.v1+json', '{}'), statement, { of: 'the first' });
  const platform = { os: 'unknown', architecture: 'unknown' };
  const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
  const manifests = [...platforms, { ...attestation, platform, annotations }];
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = put(mediaType, JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  const top = { ...index, annotations: { 'io.containerd.image.name': name } };
  const layout = JSON.stringify({ schemaVersion: 2, manifests: [top] });
  const archive = await tar([
    ...files.values(),
    { path: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
    { path: 'index.json', body: layout },
  ]);
  return { archive, index: index.digest, foreign };
}
