import { HealthCheckResponse } from '../../gen/grpc/health/v1/health.ts';
import type { Handler } from '../../grpc/server.ts';

const SERVING = 1;

/** BuildKit asks every few seconds, and drops a session that does not answer. */
export function healthService(): [string, Handler][] {
  return [
    [
      '/grpc.health.v1.Health/Check',
      async (call) => {
        await call.read();
        await call.write(HealthCheckResponse.encode({ status: SERVING }).finish());
      },
    ],
  ];
}
