import type { ApiServer } from '../api-server.ts';
import type { Closing } from '../plugins/admission.ts';
import { sendProblem } from '../problem.ts';
import { Type } from '../schemas/type.ts';
import { oneOf } from '../schemas/values.ts';
import type { ServerDeps } from '../server-deps.ts';

/**
 * For orchestrators and load balancers: restart what does not live, send no requests to what is not ready.
 */
export function addHealthRoutes(
  app: ApiServer,
  { readiness }: Pick<ServerDeps, 'readiness'>,
  closing: Closing,
): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'live',
        summary: 'The process lives',
        tags: ['health'],
        response: { 200: Type.Object({ status: oneOf('ok') }, { description: 'It does.' }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { errors: ['database_unavailable', 'shutting_down'] },
      schema: {
        operationId: 'ready',
        summary: 'The process can serve: the database is reachable and its schema current',
        tags: ['health'],
        response: { 200: Type.Object({ status: oneOf('ready') }, { description: 'It can.' }) },
      },
    },
    async (_request, reply) => {
      if (closing.begun) {
        return sendProblem(reply, { code: 'shutting_down' });
      }
      const { ready, reason } = readiness();
      if (!ready) {
        return sendProblem(reply, {
          code: 'database_unavailable',
          ...(reason === undefined ? {} : { detail: reason }),
        });
      }
      return { status: 'ready' as const };
    },
  );
}
