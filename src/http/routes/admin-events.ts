import type { KeyedRequest } from '../../domain/request-key.ts';
import type { OutboxKeyScope, OutboxRequest } from '../../store/outbox.ts';
import type { ApiServer } from '../api-server.ts';
import type { ErrorCode } from '../error-catalogue.ts';
import { allEndpoints, presentDelivery, presentEndpoint, presentEvent } from '../event-presenters.ts';
import { keyedRequest, markReplay, operatorKeyHeaders } from '../keyed-request.ts';
import { cursorText, readPage } from '../page-cursor.ts';
import { sendProblem } from '../problem.ts';
import { pageAnswer } from '../schemas/admin.ts';
import {
  deliveriesQuery,
  deliveryItem,
  endpointItem,
  endpointParams,
  endpointsAnswer,
  eventItem,
  eventsQuery,
  resentAnswer,
} from '../schemas/events.ts';
import { idParams, noBody } from '../schemas/values.ts';
import type { ServerDeps } from '../server-deps.ts';

const tags = ['admin'];
const security = [{ adminToken: [] }];

/** Events for others: what was said, to whom, and what could not be delivered. */
export function addAdminEventRoutes(app: ApiServer, { reader, outbox, eventEndpoints }: ServerDeps): void {
  app.get(
    '/events',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'invalid_request'] },
      schema: {
        operationId: 'adminListEvents',
        summary: 'Events for others, newest first',
        tags,
        security,
        querystring: eventsQuery,
        response: { 200: pageAnswer(eventItem) },
      },
    },
    async ({ query }, reply) => {
      const page = readPage('events', query);
      if ('code' in page) {
        return sendProblem(reply, page);
      }
      const filter = {
        type: query.type,
        productId: query.product_id,
        orderId: query.order_id,
        holdId: query.hold_id,
      };
      const { items, nextCursor } = await reader.outgoingEvents(filter, page);
      return { items: items.map(presentEvent), next_cursor: cursorText('events', nextCursor) };
    },
  );

  app.get(
    '/deliveries',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'invalid_request'] },
      schema: {
        operationId: 'adminListDeliveries',
        summary: 'Events on their way to endpoints, newest first; `dead` ones were given up',
        tags,
        security,
        querystring: deliveriesQuery,
        response: { 200: pageAnswer(deliveryItem) },
      },
    },
    async ({ query }, reply) => {
      const page = readPage('deliveries', query);
      if ('code' in page) {
        return sendProblem(reply, page);
      }
      const filter = { endpoint: query.endpoint, status: query.status, eventId: query.event_id };
      const { items, nextCursor } = await reader.deliveries(filter, page);
      return { items: items.map(presentDelivery), next_cursor: cursorText('deliveries', nextCursor) };
    },
  );

  app.post(
    '/events/:id/resend',
    {
      config: {
        errors: [
          'unauthorized',
          'rate_limited',
          'event_not_found',
          'invalid_request',
          'idempotency_key_reused',
        ],
      },
      schema: {
        operationId: 'resendEvent',
        summary: 'Send an event to its endpoints once more, delivered or not',
        tags,
        security,
        params: idParams,
        headers: operatorKeyHeaders,
        body: noBody,
        response: { 200: resentAnswer },
      },
    },
    async ({ params, headers }, reply) => {
      const done = await outbox.once(
        scoped('admin/resend', keyedRequest(headers, params.id)),
        async (writes) => {
          const resent = await writes.resend({ eventIds: [params.id] });
          return resent === 0 ? null : { resent };
        },
      );
      if (done.kind !== 'done') {
        return sendProblem(reply, { code: notDone(done, 'event_not_found') });
      }
      markReplay(reply, done);
      return done.answer;
    },
  );

  app.get(
    '/endpoints',
    {
      config: { errors: ['unauthorized', 'rate_limited'] },
      schema: {
        operationId: 'adminListEndpoints',
        summary: 'Endpoints that are told of events, with what waits for each',
        tags,
        security,
        response: { 200: endpointsAnswer },
      },
    },
    async () => {
      const endpoints = allEndpoints(await reader.endpoints(), eventEndpoints);
      return { endpoints: endpoints.map((state) => presentEndpoint(state, eventEndpoints)) };
    },
  );

  app.post(
    '/endpoints/:endpoint/switch-on',
    {
      config: {
        errors: [
          'unauthorized',
          'rate_limited',
          'endpoint_not_found',
          'invalid_request',
          'idempotency_key_reused',
        ],
      },
      schema: {
        operationId: 'switchEndpointOn',
        summary: 'Send events to an endpoint again that was switched off; again is a no-op',
        tags,
        security,
        params: endpointParams,
        headers: operatorKeyHeaders,
        body: noBody,
        response: { 200: endpointItem },
      },
    },
    async ({ params, headers }, reply) => {
      const done = await outbox.once(
        scoped('admin/switch-on', keyedRequest(headers, params.endpoint)),
        async (writes) => {
          const stateOf = async () =>
            allEndpoints(await writes.endpoints(), eventEndpoints).find(
              ({ endpoint }) => endpoint === params.endpoint,
            );
          const before = await stateOf();
          if (before === undefined) {
            return null;
          }
          await writes.switchEndpoint(params.endpoint, 'on', null);
          return presentEndpoint((await stateOf()) ?? before, eventEndpoints);
        },
      );
      if (done.kind !== 'done') {
        return sendProblem(reply, { code: notDone(done, 'endpoint_not_found') });
      }
      markReplay(reply, done);
      return done.answer;
    },
  );
}

function scoped(scope: OutboxKeyScope, request: KeyedRequest | undefined): OutboxRequest | null {
  return request === undefined ? null : { scope, ...request };
}

function notDone<Code extends ErrorCode>(
  { kind }: { readonly kind: 'reused' | 'refused' },
  refusal: Code,
): Code | 'idempotency_key_reused' {
  return kind === 'reused' ? 'idempotency_key_reused' : refusal;
}
