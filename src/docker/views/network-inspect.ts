import { fill } from './fill.ts';

/** One address range of a network. */
export interface IpamConfig {
  Subnet?: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

/** A container on a network; addresses with their prefix length. */
export interface NetworkContainer {
  Name: string;
  EndpointID: string;
  MacAddress: string;
  IPv4Address: string;
  IPv6Address: string;
}

/** What `network inspect` shows (`GET /networks/ID`). */
export interface NetworkInspect {
  Name: string;
  Id: string;
  /** RFC 3339. */
  Created: string;
  Scope: string;
  Driver: string;
  EnableIPv6: boolean;
  IPAM: { Driver: string; Options: Record<string, string> | null; Config: IpamConfig[] };
  Internal: boolean;
  Attachable: boolean;
  Ingress: boolean;
  ConfigFrom: { Network: string };
  ConfigOnly: boolean;
  /** By container ID. */
  Containers: Record<string, NetworkContainer>;
  Options: Record<string, string>;
  Labels: Record<string, string>;
}

export type PartialNetworkInspect = Partial<Omit<NetworkInspect, 'IPAM' | 'Containers'>> & {
  IPAM?: Partial<NetworkInspect['IPAM']>;
  Containers?: Record<string, Partial<NetworkContainer>>;
};

export function networkInspect(given: PartialNetworkInspect): NetworkInspect {
  const ipam: NetworkInspect['IPAM'] = { Driver: 'default', Options: {}, Config: [] };
  const IPAM = fill({ name: 'network.IPAM', nils: { Options: 'map[string]string' } }, ipam, given.IPAM);
  IPAM.Config = IPAM.Config.map((range) => {
    const zero: IpamConfig = {
      Subnet: undefined,
      IPRange: undefined,
      Gateway: undefined,
      AuxiliaryAddresses: undefined,
    };
    const nils = { Subnet: 'string', IPRange: 'string', Gateway: 'string', AuxiliaryAddresses: 'map[string]string' };
    return fill({ name: 'network.IPAMConfig', nils }, zero, range);
  });
  const Containers = Object.fromEntries(
    Object.entries(given.Containers ?? {}).map(([id, container]) => {
      const zero: NetworkContainer = { Name: '', EndpointID: '', MacAddress: '', IPv4Address: '', IPv6Address: '' };
      return [id, fill({ name: 'network.EndpointResource' }, zero, container)];
    }),
  );
  const zero: NetworkInspect = {
    Name: '',
    Id: '',
    Created: '',
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv6: false,
    IPAM,
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers,
    Options: {},
    Labels: {},
  };
  return fill({ name: 'network.Inspect' }, zero, { ...given, IPAM, Containers });
}
