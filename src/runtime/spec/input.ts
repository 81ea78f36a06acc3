import type { HostConfig as DockerodeHostConfig } from 'dockerode';
import type { Device, DeviceRule, Mount } from './oci.ts';

/** Docker's HostConfig with the fields that @types/dockerode does not know yet. */
export type HostConfig = DockerodeHostConfig & {
  CgroupnsMode?: string;
  Annotations?: Record<string, string>;
};

/** Where a namespace comes from: a fresh one, the host's, or an existing one (`/proc/<pid>/ns/<type>`, `/run/netns/…`). */
export type NamespaceChoice = 'private' | 'host' | { path: string };

/** Everything that decides a container's config.json. Nothing here needs a look at the machine. */
export interface SpecInput {
  id: string;
  namespace: string;
  /** What to run: see `processArgs`. */
  args: string[];
  /** See `processEnv`. */
  env: string[];
  /** Absolute. */
  cwd: string;
  tty: boolean;
  /** Numeric, as resolved in the container's rootfs; `additionalGids` holds the primary group too, as docker's does. */
  user: { uid: number; gid: number; additionalGids: number[] };
  hostname: string;
  domainname: string;
  /** SecurityOpt `seccomp=` holds the profile's JSON, as docker's API has it: the front door reads the file. */
  hostConfig: HostConfig;
  /** An absolute path, or `rootfs` when the shim mounts it into the bundle. */
  rootfs: string;
  namespaces: {
    network: NamespaceChoice;
    pid: NamespaceChoice;
    /** `none`: a private namespace without a /dev/shm mount of ours. */
    ipc: NamespaceChoice;
    uts: NamespaceChoice;
    cgroup: NamespaceChoice;
  };
  /** Host directory to bind on /dev/shm (ipc `shareable` and `container:`); with `none`, nothing is mounted there. */
  shm?: { bind: string } | 'none';
  /** The resolved user mounts: volumes, binds, tmpfs. Order does not matter. */
  mounts: Mount[];
  /** Host files that are bound on /etc/hosts, /etc/resolv.conf and /etc/hostname, unless a user mount is there. */
  files: { hosts?: string; resolvConf?: string; hostname?: string };
  /** `--device` after the caller has looked at the nodes; with privileged, every device of the host. */
  devices: SpecDevice[];
  /** `--init`: the host path of the init binary. */
  initPath?: string;
  /** `--blkio-weight-device` and the throttles, resolved to numbers by the caller. */
  blockDevices?: Record<string, { major: number; minor: number }>;
  annotations: Record<string, string>;
  machine: Machine;
}

/** A device node to create, and what the device controller allows on it. */
export interface SpecDevice {
  /** Its path on the host. */
  source: string;
  device: Device;
  rule: DeviceRule;
}

/** What the spec has to know about the machine. */
export interface Machine {
  cgroupVersion: 1 | 2;
  cgroupManager: 'systemd' | 'cgroupfs' | 'none';
  /** Parent where `--cgroup-parent` is not given; default `/<namespace>` or `system.slice`. */
  cgroupParent?: string;
  /** Absent when the kernel has AppArmor off: then no profile may be named. */
  apparmor?: { defaultProfile?: string };
  seccompEnabled: boolean;
  /** Capability names (`CAP_CHOWN`) in the bounding set of the runtime: nothing beyond it can be granted. */
  capabilities: string[];
  /** Node's `process.arch`. */
  arch: string;
  /** `uname -r`; absent means new enough. */
  kernelRelease?: string;
  /** The runtime is root of a user namespace only: it makes no device nodes, and mounts no proc of the host's. */
  rootless?: boolean;
  /** The lowest oom_score_adj an unprivileged runtime may set; absent means any. */
  minOomScoreAdj?: number;
}
