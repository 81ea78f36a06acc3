import { revision, version } from '../../cli/version.ts';
import { hostPlatform } from '../../host/platform.ts';

/** `.Client` of version. */
export interface ClientVersion {
  Version: string;
  ApiVersion: string;
  DefaultAPIVersion: string;
  GitCommit: string;
  NodeVersion: string;
  Os: string;
  Arch: string;
  Context: string;
}

/** The Docker Engine API whose shapes the commands print. */
const apiVersion = '1.47';

export function clientVersion(): ClientVersion {
  const { os, architecture } = hostPlatform();
  return {
    Version: version,
    ApiVersion: apiVersion,
    DefaultAPIVersion: apiVersion,
    GitCommit: revision,
    NodeVersion: process.version,
    Os: os,
    Arch: architecture,
    Context: 'default',
  };
}
