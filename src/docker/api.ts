import type { ContainerCreateOptions, HostConfig } from 'dockerode';

/**
 * The body of `POST /containers/create` (Docker Engine API 1.47): what every front door hands to the engine.
 * Only the type comes from dockerode.
 */
export type CreateBody = ContainerCreateOptions & { HostConfig: HostConfig };

/** `NetworkingConfig.EndpointsConfig[name]` of the create body. */
export interface EndpointSettings {
  Aliases?: string[];
  IPAMConfig?: { IPv4Address?: string; IPv6Address?: string; LinkLocalIPs?: string[] };
  MacAddress?: string;
  DriverOpts?: Record<string, string>;
}

/** One mapping of CNI's portMappings capability; also the form of `network-config.json`. */
export interface PortMapping {
  HostPort: number;
  ContainerPort: number;
  /** `tcp`, `udp` or `sctp`. */
  Protocol: string;
  /** Empty means every address. */
  HostIP: string;
}
