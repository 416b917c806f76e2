import type { ApiServer } from '../api-server.ts';
import { keyedRequest, markReplay, operatorKeyHeaders } from '../keyed-request.ts';
import { cursorText, readPage } from '../page-cursor.ts';
import { readMoney } from '../payment-event.ts';
import { presentDecidedOrder, presentDecision, presentPaymentEvent } from '../presenters.ts';
import { type FieldError, invalidRequest, sendProblem } from '../problem.ts';
import { isRefused, problemOf } from '../refusal-problem.ts';
import { pageAnswer } from '../schemas/admin.ts';
import {
  decisionItem,
  decisionsQuery,
  payOrderBody,
  refundOrderBody,
  resolveEventBody,
} from '../schemas/decisions.ts';
import { orderAnswer } from '../schemas/orders.ts';
import { paymentEventItem } from '../schemas/payments.ts';
import { idParams } from '../schemas/values.ts';
import type { ServerDeps } from '../server-deps.ts';

const tags = ['admin'];
const security = [{ adminToken: [] }];

const namesNothing = { orderId: null, holdId: null, reference: null, status: 'paid' } as const;

/** What operators decide about money: refunds, payments that no event reports, events that wait for a person. */
export function addAdminMoneyRoutes(app: ApiServer, { engine, reader, newId }: ServerDeps): void {
  app.post(
    '/orders/:id/refund',
    {
      config: {
        errors: [
          'unauthorized',
          'rate_limited',
          'order_not_found',
          'order_not_refundable',
          'invalid_request',
          'idempotency_key_reused',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'refundOrder',
        summary: 'Send money of a paid order back, all that is left or a part',
        tags,
        security,
        params: idParams,
        headers: operatorKeyHeaders,
        body: refundOrderBody,
        response: { 200: orderAnswer },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { amount = null, reason, restock = false } = body;
      const { outcome } = await engine.submit({
        kind: 'refund_order',
        decisionId: newId(),
        stockChangeId: newId(),
        orderId: params.id,
        amount,
        restock,
        reason,
        requestKey: keyedRequest(headers, params.id, amount, restock, reason),
      });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      markReplay(reply, outcome);
      return presentDecidedOrder(outcome, null);
    },
  );

  app.post(
    '/orders/:id/pay',
    {
      config: {
        errors: [
          'unauthorized',
          'rate_limited',
          'order_not_found',
          'order_not_payable',
          'payment_already_settled',
          'insufficient_stock',
          'invalid_request',
          'idempotency_key_reused',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'payOrder',
        summary: 'Let money that came by another way buy an order that is pending or has ended',
        tags,
        security,
        params: idParams,
        headers: operatorKeyHeaders,
        body: payOrderBody,
        response: { 200: orderAnswer },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { reference, reason } = body;
      const errors: FieldError[] = [];
      const money = readMoney('amount', body.amount, body.currency, errors);
      if (money === null) {
        return sendProblem(reply, invalidRequest(errors));
      }
      const { minor, currency } = money;
      const { outcome } = await engine.submit({
        kind: 'pay_order',
        decisionId: newId(),
        orderId: params.id,
        amountMinor: minor,
        currency,
        reference,
        reason,
        requestKey: keyedRequest(headers, params.id, minor, currency, reference, reason),
      });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      markReplay(reply, outcome);
      return presentDecidedOrder(outcome, null);
    },
  );

  app.post(
    '/payment-events/resolve',
    {
      config: {
        errors: [
          'unauthorized',
          'rate_limited',
          'payment_event_not_found',
          'payment_event_not_waiting',
          'payment_event_resolved',
          'payment_already_settled',
          'nothing_to_refund',
          'invalid_request',
          'idempotency_key_reused',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'resolvePaymentEvent',
        summary:
          'Decide about a payment event that waits for an operator; the same decision again is a no-op',
        tags,
        security,
        headers: operatorKeyHeaders,
        body: resolveEventBody,
        response: { 200: paymentEventItem },
      },
    },
    async ({ headers, body }, reply) => {
      const { idempotency_key: key, decision: choice, reason } = body;
      // Only its row knows what the event names. An unknown one is refused when the command is decided.
      const { items } = await reader.paymentEvents({ key }, { limit: 1, cursor: null });
      const { orderId, holdId, reference, status } = items[0] ?? namesNothing;
      const { outcome } = await engine.submit({
        kind: 'resolve_payment_event',
        decisionId: newId(),
        event: { key, orderId, holdId, reference, status },
        choice,
        reason,
        requestKey: keyedRequest(headers, key, choice, reason),
      });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      markReplay(reply, outcome);
      return presentPaymentEvent({ ...outcome.event, resolution: outcome.resolution });
    },
  );

  app.get(
    '/decisions',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'invalid_request'] },
      schema: {
        operationId: 'adminListDecisions',
        summary: 'What operators decided about money, newest first',
        tags,
        security,
        querystring: decisionsQuery,
        response: { 200: pageAnswer(decisionItem) },
      },
    },
    async ({ query }, reply) => {
      const page = readPage('decisions', query);
      if ('code' in page) {
        return sendProblem(reply, page);
      }
      const filter = { orderId: query.order_id, eventKey: query.idempotency_key };
      const { items, nextCursor } = await reader.operatorDecisions(filter, page);
      return { items: items.map(presentDecision), next_cursor: cursorText('decisions', nextCursor) };
    },
  );
}
