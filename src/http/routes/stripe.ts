import type { OutcomeOf } from '../../domain/outcomes.ts';
import type { StripeEventMeaning } from '../../payments/stripe/read-stripe-event.ts';
import type { StripeEvents } from '../../payments/stripe/stripe-events.ts';
import type { ApiServer } from '../api-server.ts';
import { refuseUnverified } from '../plugins/json-bodies.ts';
import { presentPaymentAnswer } from '../presenters.ts';
import { invalidRequest, sendProblem } from '../problem.ts';
import { isRefused, problemOf } from '../refusal-problem.ts';
import { parkedAnswer, type StripeAnswerBody, stripeAnswer, stripeEventBody } from '../schemas/payments.ts';
import type { ServerDeps } from '../server-deps.ts';

/** Taken, and nothing came of it. */
const ignored: StripeAnswerBody = {
  result: 'ignored',
  order_id: null,
  order_status: null,
  stock_deducted: 0,
};

/**
 * Where Stripe sends its events. Every answer but a 2xx makes Stripe send the event again, so what is of no concern here is taken too.
 */
export function addStripeRoutes(
  app: ApiServer,
  { engine }: ServerDeps,
  { verify, read }: StripeEvents,
): void {
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
        summary: 'What Stripe says about payments and refunds; each event counts once',
        tags: ['payments'],
        body: stripeEventBody,
        response: { 200: stripeAnswer, 202: parkedAnswer },
      },
    },
    async (request, reply) => {
      const meaning = read(request.body);
      if (meaning.kind === 'malformed') {
        return sendProblem(reply, invalidRequest(meaning.errors));
      }
      if (meaning.kind === 'nothing') {
        return ignored;
      }
      const { outcome } = await engine.submit(meaning.command);
      if (isRefused(outcome)) {
        // A refund of another shop with the same account.
        return outcome.code === 'refund_not_found' ? ignored : sendProblem(reply, problemOf(outcome));
      }
      if (outcome.kind === 'payment_event_answered') {
        if (outcome.replayed) {
          reply.header('idempotency-replayed', 'true');
        }
        return outcome.answer.result === 'parked'
          ? reply.code(202).send({ result: 'parked' })
          : presentPaymentAnswer(outcome.answer);
      }
      return presentOutcome(outcome);
    },
  );
}

type StripeCommand = Extract<StripeEventMeaning, { readonly kind: 'command' }>['command'];
type Decided = Exclude<OutcomeOf<StripeCommand>, { readonly kind: 'refused' | 'payment_event_answered' }>;

function presentOutcome(outcome: Decided): StripeAnswerBody {
  switch (outcome.kind) {
    case 'payment_event_ignored':
      return ignored;
    case 'provider_refund_applied': {
      const { result, order } = outcome;
      return { ...ignored, result, order_id: order?.id ?? null, order_status: order?.status ?? null };
    }
    case 'refund_reopened':
      return { ...ignored, result: outcome.refund.status === 'due' ? 'processed' : 'ignored' };
  }
}
