import type { ListDefinition } from '../format/list.ts';

/** One of the programs that the engine consists of. */
export interface ServiceRow {
  Name: string;
  /** `running`, `not answering`, `not running` */
  Status: string;
  /** 0 where it is not known. */
  Pid: number;
  /** `nerdctl`, a unit of systemd, or empty. */
  StartedBy: string;
  Socket: string;
  /** Empty where another has started it. */
  Log: string;
}

const column = (header: string, value: (row: ServiceRow) => string) => ({ header, value });

/** What `system status` shows. */
export const serviceList: ListDefinition<ServiceRow> = {
  typeName: '*formatter.serviceContext',
  columns: {
    Name: column('NAME', (row) => row.Name),
    Status: column('STATUS', (row) => row.Status),
    Pid: column('PID', (row) => (row.Pid === 0 ? '-' : String(row.Pid))),
    StartedBy: column('STARTED BY', (row) => row.StartedBy || '-'),
    Socket: column('SOCKET', (row) => row.Socket),
    Log: column('LOG', (row) => row.Log || '-'),
  },
  defaultTable: '{{.Name}}\t{{.Status}}\t{{.Pid}}\t{{.StartedBy}}\t{{.Socket}}\t{{.Log}}',
  quiet: '{{.Pid}}',
};
