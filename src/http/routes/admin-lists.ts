import type { ApiServer } from '../api-server.ts';
import { cursorText, readPage } from '../page-cursor.ts';
import {
  presentDisputeItem,
  presentHoldItem,
  presentOrderItem,
  presentPaymentEvent,
  presentRefund,
} from '../presenters.ts';
import { sendProblem } from '../problem.ts';
import {
  disputesQuery,
  holdsQuery,
  ordersQuery,
  pageAnswer,
  paymentEventsQuery,
  refundsQuery,
} from '../schemas/admin.ts';
import { holdItem } from '../schemas/holds.ts';
import { disputeItem, orderItem, refundItem } from '../schemas/orders.ts';
import { paymentEventItem } from '../schemas/payments.ts';
import type { ServerDeps } from '../server-deps.ts';

const tags = ['admin'];
const security = [{ adminToken: [] }];

export function addAdminListRoutes(app: ApiServer, { reader }: ServerDeps): void {
  app.get(
    '/orders',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'invalid_request'] },
      schema: {
        operationId: 'adminListOrders',
        summary: 'Orders, newest first',
        tags,
        security,
        querystring: ordersQuery,
        response: { 200: pageAnswer(orderItem) },
      },
    },
    async ({ query }, reply) => {
      const page = readPage('orders', query);
      if ('code' in page) {
        return sendProblem(reply, page);
      }
      const filter = { status: query.status, productId: query.product_id, holdId: query.hold_id };
      const { value, nowMs } = await reader.orders(filter, page);
      return {
        items: value.items.map((item) => presentOrderItem(item, nowMs)),
        next_cursor: cursorText('orders', value.nextCursor),
      };
    },
  );

  app.get(
    '/holds',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'invalid_request'] },
      schema: {
        operationId: 'adminListHolds',
        summary: 'Holds, latest deadline first',
        tags,
        security,
        querystring: holdsQuery,
        response: { 200: pageAnswer(holdItem) },
      },
    },
    async ({ query }, reply) => {
      const page = readPage('holds', query);
      if ('code' in page) {
        return sendProblem(reply, page);
      }
      const { value, nowMs } = await reader.holds(
        { status: query.status, productId: query.product_id, holdId: query.hold_id },
        page,
      );
      return {
        items: value.items.map(({ hold, orderId }) => presentHoldItem(hold, orderId, nowMs)),
        next_cursor: cursorText('holds', value.nextCursor),
      };
    },
  );

  app.get(
    '/payment-events',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'invalid_request'] },
      schema: {
        operationId: 'adminListPaymentEvents',
        summary: 'Payment events and what came of them, newest first',
        tags,
        security,
        querystring: paymentEventsQuery,
        response: { 200: pageAnswer(paymentEventItem) },
      },
    },
    async ({ query }, reply) => {
      const page = readPage('payment_events', query);
      if ('code' in page) {
        return sendProblem(reply, page);
      }
      const filter = {
        result: query.result,
        orderId: query.order_id,
        holdId: query.hold_id,
        key: query.idempotency_key,
        reference: query.payment_reference,
      };
      const { items, nextCursor } = await reader.paymentEvents(filter, page);
      return {
        items: items.map(presentPaymentEvent),
        next_cursor: cursorText('payment_events', nextCursor),
      };
    },
  );

  app.get(
    '/refunds',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'invalid_request'] },
      schema: {
        operationId: 'adminListRefunds',
        summary: 'Refunds, newest first',
        tags,
        security,
        querystring: refundsQuery,
        response: { 200: pageAnswer(refundItem) },
      },
    },
    async ({ query }, reply) => {
      const page = readPage('refunds', query);
      if ('code' in page) {
        return sendProblem(reply, page);
      }
      const { items, nextCursor } = await reader.refunds(
        { status: query.status, orderId: query.order_id, holdId: query.hold_id },
        page,
      );
      return { items: items.map(presentRefund), next_cursor: cursorText('refunds', nextCursor) };
    },
  );

  app.get(
    '/disputes',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'invalid_request'] },
      schema: {
        operationId: 'adminListDisputes',
        summary: 'Disputes, newest first',
        tags,
        security,
        querystring: disputesQuery,
        response: { 200: pageAnswer(disputeItem) },
      },
    },
    async ({ query }, reply) => {
      const page = readPage('disputes', query);
      if ('code' in page) {
        return sendProblem(reply, page);
      }
      const { items, nextCursor } = await reader.disputes(
        { status: query.status, orderId: query.order_id, holdId: query.hold_id },
        page,
      );
      return { items: items.map(presentDisputeItem), next_cursor: cursorText('disputes', nextCursor) };
    },
  );
}
