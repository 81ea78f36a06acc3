/** Runs until SIGTERM and then ends with 0 at once; a bare sleep would ignore it as process 1. */
export const idle = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'];

/** Prints `ready`, then lives as `idle` does. */
export const ready = ['sh', '-c', 'trap "exit 0" TERM; echo ready; sleep 1000 & wait'];

/** What the tests read of `docker inspect`. */
export interface ContainerJson {
  Id: string;
  Name: string;
  Created: string;
  Path: string;
  Args: string[];
  Image: string;
  RestartCount: number;
  LogPath: string;
  State: {
    Status: string;
    Running: boolean;
    Paused: boolean;
    Restarting: boolean;
    OOMKilled: boolean;
    Dead: boolean;
    Pid: number;
    ExitCode: number;
    Error: string;
    StartedAt: string;
    FinishedAt: string;
  };
  Config: {
    Hostname: string;
    User: string;
    Env: string[];
    Cmd: string[];
    Image: string;
    Entrypoint: string[] | null;
    Labels: Record<string, string>;
    WorkingDir: string;
    Tty: boolean;
    StopSignal?: string;
  };
  HostConfig: Record<string, unknown> & { RestartPolicy: { Name: string; MaximumRetryCount: number } };
  Mounts: { Type: string; Name?: string; Source: string; Destination: string; RW: boolean }[];
  NetworkSettings: {
    IPAddress: string;
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null>;
    Networks: Record<string, { IPAddress: string; Gateway: string; MacAddress: string; Aliases: string[] | null }>;
  };
}
