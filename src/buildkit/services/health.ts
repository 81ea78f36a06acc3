import { HealthCheckRequest, HealthCheckResponse } from '../../gen/grpc/health/v1/health.ts';
import type { Handler } from '../../grpc/server.ts';
import { unary } from './unary.ts';

const SERVING = 1;

/** BuildKit asks every few seconds, and drops a session that does not answer. */
export function healthService(): [string, Handler][] {
  return [
    ['/grpc.health.v1.Health/Check', unary(HealthCheckRequest, HealthCheckResponse, () => ({ status: SERVING }))],
  ];
}
