import type { ApiServer } from '../api-server.ts';
import { keyedRequest, markReplay, operatorKeyHeaders } from '../keyed-request.ts';
import { presentRefund } from '../presenters.ts';
import { sendProblem } from '../problem.ts';
import { isRefused, problemOf } from '../refusal-problem.ts';
import { auditAnswer } from '../schemas/admin.ts';
import { refundItem } from '../schemas/orders.ts';
import { idParams, noBody } from '../schemas/values.ts';
import type { ServerDeps } from '../server-deps.ts';

const tags = ['admin'];
const security = [{ adminToken: [] }];

/** Where the money and the units are: refunds that an operator settles, and the audit of everything. */
export function addAdminAccountRoutes(app: ApiServer, { engine, reader }: ServerDeps): void {
  app.post(
    '/refunds/:id/settle',
    {
      config: {
        errors: [
          'unauthorized',
          'rate_limited',
          'refund_not_found',
          'refund_in_progress',
          'invalid_request',
          'idempotency_key_reused',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'settleRefund',
        summary: 'Say that the money of a refund went back; again is a no-op',
        tags,
        security,
        params: idParams,
        headers: operatorKeyHeaders,
        body: noBody,
        response: { 200: refundItem },
      },
    },
    async (request, reply) => {
      const { outcome } = await engine.submit({
        kind: 'settle_refund',
        refundId: request.params.id,
        requestKey: keyedRequest(request.headers, request.params.id),
      });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      markReplay(reply, outcome);
      return presentRefund(outcome.refund);
    },
  );

  app.get(
    '/audit',
    {
      config: { errors: ['unauthorized', 'rate_limited'] },
      schema: {
        operationId: 'audit',
        summary: 'Recompute every counter and invariant from the rows',
        tags,
        security,
        response: { 200: auditAnswer },
      },
    },
    async () => {
      const { ok, checks } = await reader.audit();
      return { ok, checks: [...checks] };
    },
  );
}
