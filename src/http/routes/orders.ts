import { orderStatusAt } from '../../domain/order.ts';
import { type ApiServer, apiBase } from '../api-server.ts';
import type { IdRouteHooks } from '../plugins/unknown-id-limit.ts';
import { presentDecidedOrder, presentOrder } from '../presenters.ts';
import { sendProblem } from '../problem.ts';
import { isRefused, problemOf } from '../refusal-problem.ts';
import { createOrderBody, orderAnswer } from '../schemas/orders.ts';
import { idempotencyHeaders, idParams, noBody } from '../schemas/values.ts';
import type { ServerDeps } from '../server-deps.ts';

/** @param idHooks hooks of the routes that name a hold or an order */
export function addOrderRoutes(app: ApiServer, deps: ServerDeps, idHooks: IdRouteHooks): void {
  const { engine, reader, orderPayments, newId } = deps;
  app.post(
    '/orders',
    {
      ...idHooks,
      config: {
        errors: [
          'hold_not_found',
          'hold_already_ordered',
          'hold_expired',
          'hold_released',
          'invalid_request',
          'idempotency_key_reused',
          'rate_limited',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'createOrder',
        summary: 'Turn a hold into an order, at the price of the moment when it was held',
        tags: ['orders'],
        headers: idempotencyHeaders,
        body: createOrderBody,
        response: { 201: orderAnswer },
      },
    },
    async (request, reply) => {
      const { outcome } = await engine.submit({
        kind: 'create_order',
        orderId: newId(),
        holdId: request.body.hold_id,
        idempotencyKey: request.headers['idempotency-key'] ?? null,
      });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      reply.code(201).header('location', `${apiBase}/orders/${outcome.order.id}`);
      if (outcome.replayed) {
        reply.header('idempotency-replayed', 'true');
      }
      // A new order has none recorded; one that is answered again may.
      const payment = await orderPayments?.forOrder(outcome.order, outcome.replayed ? undefined : null);
      return presentDecidedOrder(outcome, payment ?? null);
    },
  );

  app.get(
    '/orders/:id',
    {
      ...idHooks,
      config: { errors: ['order_not_found', 'invalid_request', 'rate_limited'] },
      schema: {
        operationId: 'getOrder',
        summary: 'An order with its refunds and disputes',
        tags: ['orders'],
        params: idParams,
        response: { 200: orderAnswer },
      },
    },
    async (request, reply) => {
      const read = await reader.order(request.params.id);
      if (read === null) {
        return sendProblem(reply, { code: 'order_not_found' });
      }
      const { order, paymentIntent } = read.value;
      const isPending = orderStatusAt(order, read.nowMs) === 'pending';
      const payment = isPending ? await orderPayments?.forOrder(order, paymentIntent) : null;
      return presentOrder(read.value, payment ?? null, read.nowMs);
    },
  );

  app.post(
    '/orders/:id/cancel',
    {
      ...idHooks,
      config: {
        errors: ['order_not_found', 'order_not_cancellable', 'invalid_request', 'rate_limited', 'overloaded'],
      },
      schema: {
        operationId: 'cancelOrder',
        summary: 'Cancel a pending order and release its units; again is a no-op',
        tags: ['orders'],
        params: idParams,
        body: noBody,
        response: { 200: orderAnswer },
      },
    },
    async (request, reply) => {
      const { outcome } = await engine.submit({ kind: 'cancel_order', orderId: request.params.id });
      return isRefused(outcome) ? sendProblem(reply, problemOf(outcome)) : presentDecidedOrder(outcome, null);
    },
  );
}
