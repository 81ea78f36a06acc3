import { fill } from './fill.ts';
import { portBinding } from './host-config.ts';
import type { PortMap } from './ports.ts';

/** `NetworkSettings.Networks[name]`. */
export interface EndpointView {
  IPAMConfig: { IPv4Address?: string; IPv6Address?: string; LinkLocalIPs?: string[] } | null;
  Links: string[] | null;
  Aliases: string[] | null;
  NetworkID: string;
  EndpointID: string;
  Gateway: string;
  IPAddress: string;
  IPPrefixLen: number;
  IPv6Gateway: string;
  GlobalIPv6Address: string;
  GlobalIPv6PrefixLen: number;
  MacAddress: string;
  DriverOpts: Record<string, string> | null;
}

export function endpointView(given: Partial<EndpointView> = {}): EndpointView {
  const zero: EndpointView = {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    NetworkID: '',
    EndpointID: '',
    Gateway: '',
    IPAddress: '',
    IPPrefixLen: 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: '',
    DriverOpts: null,
  };
  const nils = { Links: '[]string', Aliases: '[]string', DriverOpts: 'map[string]string' };
  return fill({ name: '*network.EndpointSettings', nils }, zero, given);
}

/** `NetworkSettings` of a container. The flat addresses are those of the default bridge, empty on other networks. */
export interface NetworkSettingsView {
  Bridge: string;
  SandboxID: string;
  HairpinMode: boolean;
  LinkLocalIPv6Address: string;
  LinkLocalIPv6PrefixLen: number;
  Ports: PortMap;
  SandboxKey: string;
  SecondaryIPAddresses: object[] | null;
  SecondaryIPv6Addresses: object[] | null;
  EndpointID: string;
  Gateway: string;
  GlobalIPv6Address: string;
  GlobalIPv6PrefixLen: number;
  IPAddress: string;
  IPPrefixLen: number;
  IPv6Gateway: string;
  MacAddress: string;
  Networks: Record<string, EndpointView>;
}

/** Fills the flat addresses from Networks.bridge if they are not given. */
export function networkSettingsView(
  given: Partial<Omit<NetworkSettingsView, 'Networks'>> & { Networks?: Record<string, Partial<EndpointView>> } = {},
): NetworkSettingsView {
  const Networks = Object.fromEntries(
    Object.entries(given.Networks ?? {}).map(([name, net]) => [name, endpointView(net)]),
  );
  const bridge = Networks.bridge ?? endpointView();
  const zero: NetworkSettingsView = {
    Bridge: '',
    SandboxID: '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    Ports: {},
    SandboxKey: '',
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge.EndpointID,
    Gateway: bridge.Gateway,
    GlobalIPv6Address: bridge.GlobalIPv6Address,
    GlobalIPv6PrefixLen: bridge.GlobalIPv6PrefixLen,
    IPAddress: bridge.IPAddress,
    IPPrefixLen: bridge.IPPrefixLen,
    IPv6Gateway: bridge.IPv6Gateway,
    MacAddress: bridge.MacAddress,
    Networks: {},
  };
  const Ports = Object.fromEntries(
    Object.entries(given.Ports ?? {}).map(([port, list]) => [port, list?.map(portBinding) ?? list]),
  );
  const nils = { SecondaryIPAddresses: '[]network.Address', SecondaryIPv6Addresses: '[]network.Address' };
  return fill({ name: '*container.NetworkSettings', nils }, zero, { ...given, Ports, Networks });
}
