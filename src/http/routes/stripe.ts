import type { StripeEvents } from '../../payments/stripe/stripe-events.ts';
import {
  liveStripeEventsWithTestKey,
  stripeEventIgnored,
  thinStripeEvents,
} from '../../telemetry/log-events.ts';
import type { ApiServer } from '../api-server.ts';
import { refuseUnverified } from '../plugins/json-bodies.ts';
import { presentPaymentAnswer } from '../presenters.ts';
import { invalidRequest, sendProblem } from '../problem.ts';
import { isRefused, problemOf } from '../refusal-problem.ts';
import { parkedAnswer, type StripeAnswerBody, stripeAnswer, stripeEventBody } from '../schemas/payments.ts';
import type { ServerDeps } from '../server-deps.ts';

/** Accepted, without an effect. */
const ignored: StripeAnswerBody = {
  result: 'ignored',
  order_id: null,
  order_status: null,
  stock_deducted: 0,
};

/**
 * Where Stripe sends its events. Every answer but a 2xx makes Stripe send the event again, so events without an effect get 200 too.
 */
export function addStripeRoutes(
  app: ApiServer,
  { engine, log }: ServerDeps,
  { verify, read, needsLiveKey }: StripeEvents,
): void {
  const warnOfThinEvents = once((event: { event_id: string; type: string }) => thinStripeEvents(log, event));
  const warnOfTestKey = once((event: { event_id: string; type: string }) =>
    liveStripeEventsWithTestKey(log, event),
  );
  app.post(
    '/payments/webhook/stripe',
    {
      config: {
        verify,
        errors: ['invalid_signature', 'invalid_request', 'idempotency_key_reused', 'overloaded'],
      },
      preValidation: refuseUnverified,
      schema: {
        operationId: 'receiveStripeEvent',
        summary: 'What Stripe says about payments, refunds and disputes; each event counts once',
        tags: ['payments'],
        body: stripeEventBody,
        response: { 200: stripeAnswer, 202: parkedAnswer },
      },
    },
    async (request, reply) => {
      const { id, type } = request.body;
      const meaning = read(request.body);
      switch (meaning.kind) {
        case 'malformed':
          return sendProblem(reply, invalidRequest(meaning.errors));
        case 'thin':
          warnOfThinEvents({ event_id: id, type });
          return ignored;
        case 'nothing':
          if (meaning.ignored !== undefined) {
            const { ids, reason, level } = meaning.ignored;
            stripeEventIgnored(log, level === 'act' ? 'warn' : 'info', { id, type, ids, reason });
          }
          return ignored;
        case 'command':
          break;
      }
      if (needsLiveKey(request.body)) {
        warnOfTestKey({ event_id: id, type });
      }
      const { outcome } = await engine.submit(meaning.command);
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      if (outcome.kind === 'payment_event_ignored') {
        const { orderId, holdId } = meaning.command.event;
        if ((orderId ?? holdId) !== null) {
          const reason = 'its order or payment is unknown here, and the event has no effect later';
          stripeEventIgnored(log, 'info', { id, type, ids: { orderId, holdId, refundId: null }, reason });
        }
        return ignored;
      }
      if (outcome.replayed) {
        reply.header('idempotency-replayed', 'true');
      }
      return outcome.answer.result === 'parked'
        ? reply.code(202).send({ result: 'parked' })
        : presentPaymentAnswer(outcome.answer);
    },
  );
}

/** A warning about a setting at Stripe: it is logged for the first event, and every event would repeat it. */
function once<Fields>(warn: (fields: Fields) => void): (fields: Fields) => void {
  let isDone = false;
  return (fields) => {
    if (!isDone) {
      isDone = true;
      warn(fields);
    }
  };
}
