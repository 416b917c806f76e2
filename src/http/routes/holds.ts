import type { onRequestAsyncHookHandler } from 'fastify';
import { type ApiServer, apiBase } from '../api-server.ts';
import type { IdRouteHooks } from '../plugins/unknown-id-limit.ts';
import { presentCreatedHold, presentHold } from '../presenters.ts';
import { sendProblem } from '../problem.ts';
import { isRefused, problemOf } from '../refusal-problem.ts';
import { createdHoldAnswer, createHoldBody, holdAnswer } from '../schemas/holds.ts';
import { idempotencyHeaders, idParams, noBody, nothing } from '../schemas/values.ts';
import type { ServerDeps } from '../server-deps.ts';

/**
 * @param limits hooks before the creation of a hold
 * @param idHooks hooks of the routes that name a hold
 */
export function addHoldRoutes(
  app: ApiServer,
  { engine, reader, newId }: ServerDeps,
  limits: onRequestAsyncHookHandler[],
  idHooks: IdRouteHooks,
): void {
  // The one route that a sale is about. Each thing added here costs every buyer.
  app.post(
    '/holds',
    {
      onRequest: limits,
      config: {
        errors: [
          'sale_not_open',
          'product_not_found',
          'insufficient_stock',
          'invalid_request',
          'idempotency_key_reused',
          'rate_limited',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'createHold',
        summary: 'Hold units of a product, all that are asked for or none',
        tags: ['holds'],
        headers: idempotencyHeaders,
        body: createHoldBody,
        response: { 201: createdHoldAnswer },
      },
    },
    async (request, reply) => {
      const { outcome } = await engine.submit({
        kind: 'create_hold',
        holdId: newId(),
        productId: request.body.product_id,
        quantity: request.body.qty,
        idempotencyKey: request.headers['idempotency-key'] ?? null,
      });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      reply.code(201).header('location', `${apiBase}/holds/${outcome.hold.id}`);
      if (outcome.replayed) {
        reply.header('idempotency-replayed', 'true');
      }
      return presentCreatedHold(outcome.hold);
    },
  );

  app.get(
    '/holds/:id',
    {
      ...idHooks,
      config: { errors: ['hold_not_found', 'invalid_request', 'rate_limited'] },
      schema: {
        operationId: 'getHold',
        summary: 'A hold and the id of its order',
        tags: ['holds'],
        params: idParams,
        response: { 200: holdAnswer },
      },
    },
    async (request, reply) => {
      const read = await reader.hold(request.params.id);
      return read === null
        ? sendProblem(reply, { code: 'hold_not_found' })
        : presentHold(read.value.hold, read.value.orderId, read.nowMs);
    },
  );

  app.delete(
    '/holds/:id',
    {
      ...idHooks,
      config: {
        errors: [
          'hold_not_found',
          'hold_already_ordered',
          'hold_consumed',
          'invalid_request',
          'rate_limited',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'releaseHold',
        summary: 'Let the units of a hold go before its deadline; again is a no-op',
        tags: ['holds'],
        params: idParams,
        body: noBody,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { outcome } = await engine.submit({ kind: 'release_hold', holdId: request.params.id });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      return reply.code(204).send(null);
    },
  );
}
