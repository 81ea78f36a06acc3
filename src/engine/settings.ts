/** The global settings after flags, environment, nerdctl.toml and built-in defaults have been merged. */
export interface Settings {
  debug: boolean;
  debugFull: boolean;
  /** Path of containerd's socket, without `unix://`. */
  address: string;
  namespace: string;
  snapshotter: string;
  cniPath: string;
  cniNetconfPath: string;
  dataRoot: string;
  cgroupManager: 'systemd' | 'cgroupfs' | 'none';
  insecureRegistry: boolean;
  hostsDir: string[];
  experimental: boolean;
  hostGatewayIp: string;
  bridgeIp: string;
  kubeHideDupe: boolean;
  selinuxEnabled: boolean;
  cdiSpecDirs: string[];
  usernsRemap: string;
  dns: string[];
  dnsOpts: string[];
  dnsSearch: string[];
  /** The flags that differ from the defaults, as `--key=value`: the prefix of argv when the program starts itself. */
  nonDefaultArgs: string[];
}
