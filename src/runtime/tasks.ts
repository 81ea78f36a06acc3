import {
  CloseIORequest,
  CreateTaskRequest,
  CreateTaskResponse,
  DeleteProcessRequest,
  DeleteResponse,
  DeleteTaskRequest,
  ExecProcessRequest,
  GetRequest,
  GetResponse,
  KillRequest,
  ListPidsRequest,
  ListPidsResponse,
  MetricsRequest,
  MetricsResponse,
  PauseTaskRequest,
  ResizePtyRequest,
  ResumeTaskRequest,
  StartRequest,
  StartResponse,
  UpdateTaskRequest,
  WaitRequest,
  WaitResponse,
} from '../gen/containerd/services/tasks/v1/tasks.ts';
import type { Metric } from '../gen/containerd/types/metrics.ts';
import { type Process, Status } from '../gen/containerd/types/task/task.ts';
import { jsonAny, PROCESS_TYPE, RESOURCES_TYPE } from './any.ts';
import { Empty, type Rpc } from './rpc.ts';
import { listTasks, normalised } from './task-list.ts';
import { dateOrNone } from './timestamps.ts';

export type { CreateTaskRequest, Metric, Process };
/** UNKNOWN, CREATED, RUNNING, STOPPED, PAUSED, PAUSING: the values of `Process.status`. */
export { Status as TaskStatus };

export interface ExitStatus {
  exitStatus: number;
  exitedAt?: Date;
}

export interface DeletedProcess extends ExitStatus {
  pid: number;
}

export interface ExecInit {
  execId: string;
  terminal: boolean;
  /** FIFO paths or URIs; empty for /dev/null. */
  stdin: string;
  stdout: string;
  stderr: string;
  /** The OCI `process` object. */
  spec: object;
}

/** The task of a container is its init process; its other processes go by their exec ID. */
export interface Tasks {
  create(request: Partial<CreateTaskRequest> & { containerId: string }): Promise<{ pid: number }>;
  start(id: string, execId?: string): Promise<{ pid: number }>;
  /** Of a stopped task; while it runs, containerd rejects with UNKNOWN. */
  delete(id: string): Promise<DeletedProcess>;
  deleteProcess(id: string, execId: string): Promise<DeletedProcess>;
  get(id: string, execId?: string): Promise<Process>;
  list(): Promise<Process[]>;
  /** `all` signals every process of the container. NOT_FOUND when the process has ended. */
  kill(id: string, signal: number, options?: { execId?: string; all?: boolean }): Promise<void>;
  exec(id: string, init: ExecInit): Promise<void>;
  resizePty(id: string, execId: string | undefined, width: number, height: number): Promise<void>;
  /** Closes the shim's end of stdin. */
  closeIO(id: string, execId?: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  listPids(id: string): Promise<number[]>;
  /** Of all tasks without IDs; `data` is a cgroup metrics message, named by its `typeUrl`. */
  metrics(ids?: string[]): Promise<Metric[]>;
  /** @param resources the OCI `linux.resources` object */
  update(id: string, resources: object, annotations?: Record<string, string>): Promise<void>;
  /** Resolves at the exit, also when that is past but the process was not yet deleted. */
  wait(id: string, execId?: string): Promise<ExitStatus>;
}

const SERVICE = 'containerd.services.tasks.v1.Tasks';

const NO_TASK: Omit<CreateTaskRequest, 'containerId'> = {
  rootfs: [],
  stdin: '',
  stdout: '',
  stderr: '',
  terminal: false,
  checkpoint: undefined,
  options: undefined,
  runtimePath: '',
};

export function tasksService(rpc: Rpc): Tasks {
  return {
    async create(init) {
      const request = { ...NO_TASK, ...init };
      const { pid } = await rpc.call(`${SERVICE}/Create`, CreateTaskRequest, request, CreateTaskResponse);
      return { pid };
    },
    start: (containerId, execId = '') =>
      rpc.call(`${SERVICE}/Start`, StartRequest, { containerId, execId }, StartResponse),
    async delete(containerId) {
      return deleted(await rpc.call(`${SERVICE}/Delete`, DeleteTaskRequest, { containerId }, DeleteResponse));
    },
    async deleteProcess(containerId, execId) {
      const request = { containerId, execId };
      return deleted(await rpc.call(`${SERVICE}/DeleteProcess`, DeleteProcessRequest, request, DeleteResponse));
    },
    async get(containerId, execId = '') {
      const reply = await rpc.call(`${SERVICE}/Get`, GetRequest, { containerId, execId }, GetResponse);
      return normalised(reply.process!, containerId);
    },
    list: () => listTasks(rpc),
    kill: (containerId, signal, { execId = '', all = false } = {}) =>
      rpc.call(`${SERVICE}/Kill`, KillRequest, { containerId, execId, signal, all }, Empty),
    exec: (containerId, { spec, ...init }) => {
      const request = { containerId, ...init, spec: jsonAny(PROCESS_TYPE, spec) };
      return rpc.call(`${SERVICE}/Exec`, ExecProcessRequest, request, Empty);
    },
    resizePty: (containerId, execId = '', width, height) =>
      rpc.call(`${SERVICE}/ResizePty`, ResizePtyRequest, { containerId, execId, width, height }, Empty),
    closeIO: (containerId, execId = '') =>
      rpc.call(`${SERVICE}/CloseIO`, CloseIORequest, { containerId, execId, stdin: true }, Empty),
    pause: (containerId) => rpc.call(`${SERVICE}/Pause`, PauseTaskRequest, { containerId }, Empty),
    resume: (containerId) => rpc.call(`${SERVICE}/Resume`, ResumeTaskRequest, { containerId }, Empty),
    async listPids(containerId) {
      const reply = await rpc.call(`${SERVICE}/ListPids`, ListPidsRequest, { containerId }, ListPidsResponse);
      return reply.processes.map((process) => process.pid);
    },
    async metrics(ids = []) {
      const request = { filters: ids.map((id) => `id==${id}`) };
      return (await rpc.call(`${SERVICE}/Metrics`, MetricsRequest, request, MetricsResponse)).metrics;
    },
    update: (containerId, resources, annotations = {}) => {
      const request = { containerId, resources: jsonAny(RESOURCES_TYPE, resources), annotations };
      return rpc.call(`${SERVICE}/Update`, UpdateTaskRequest, request, Empty);
    },
    async wait(containerId, execId = '') {
      const reply = await rpc.call(`${SERVICE}/Wait`, WaitRequest, { containerId, execId }, WaitResponse);
      return { exitStatus: reply.exitStatus, exitedAt: dateOrNone(reply.exitedAt) };
    },
  };
}

function deleted({ exitStatus, exitedAt, pid }: DeleteResponse): DeletedProcess {
  return { exitStatus, exitedAt: dateOrNone(exitedAt), pid };
}
