const architectures: Record<string, string> = {
  x64: 'amd64',
  ia32: '386',
  arm: 'arm',
  arm64: 'arm64',
  ppc64: 'ppc64le',
};

/** The platform whose programs run here, in Go's names (GOOS, GOARCH), normalised: arm64 has no variant. */
export function hostPlatform(): { os: string; architecture: string; variant?: string } {
  const architecture = architectures[process.arch] ?? process.arch;
  return { os: 'linux', architecture, ...(architecture === 'arm' && { variant: 'v7' }) };
}
