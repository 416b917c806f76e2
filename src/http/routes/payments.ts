import type { ApiServer } from '../api-server.ts';
import { readPaymentEvent } from '../payment-event.ts';
import { refuseUnverified } from '../plugins/json-bodies.ts';
import { refuseForeignRequests } from '../plugins/local-requests.ts';
import { presentPaymentAnswer } from '../presenters.ts';
import { sendProblem } from '../problem.ts';
import { isRefused, problemOf } from '../refusal-problem.ts';
import { parkedAnswer, paymentAnswer, paymentEventBody } from '../schemas/payments.ts';
import type { ServerDeps, VerifySignature } from '../server-deps.ts';

/** Below the base of the API. */
export const simulatedEventPath = '/payments/webhook/simulated';

/** @param proof how events prove where they come from */
export function addPaymentRoutes(
  app: ApiServer,
  deps: ServerDeps,
  proof: VerifySignature | 'unsigned',
): void {
  addPaymentEventRoute(app, deps, proof, '/payments/webhook');
}

/**
 * The endpoint of the simulated provider. Its events are signed with a key that does not leave the service, so their sender is not
 * checked. The API description leaves it out.
 */
export function addSimulatedEventRoute(app: ApiServer, deps: ServerDeps, verify: VerifySignature): void {
  addPaymentEventRoute(app, deps, verify, simulatedEventPath);
}

function addPaymentEventRoute(
  app: ApiServer,
  { engine, config }: ServerDeps,
  proof: VerifySignature | 'unsigned',
  path: string,
): void {
  const isSigned = proof !== 'unsigned';
  app.post(
    path,
    {
      ...(isSigned ? {} : { onRequest: refuseForeignRequests(config.localHosts) }),
      config: {
        ...(isSigned ? { verify: proof, signedId: 'webhook-id' } : {}),
        errors: [
          isSigned ? 'invalid_signature' : 'not_a_local_request',
          'invalid_request',
          'idempotency_key_reused',
          'overloaded',
        ],
      },
      ...(isSigned ? { preValidation: refuseUnverified } : {}),
      schema: {
        hide: path === simulatedEventPath,
        operationId: 'receivePaymentEvent',
        summary: 'What a payment provider says about an order; each event counts once',
        tags: ['payments'],
        body: paymentEventBody,
        response: { 200: paymentAnswer, 202: parkedAnswer },
      },
    },
    async (request, reply) => {
      const event = readPaymentEvent(request.body);
      if ('code' in event) {
        return sendProblem(reply, event);
      }
      const { outcome } = await engine.submit({ kind: 'apply_payment_event', event });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      if (outcome.kind === 'payment_event_ignored') {
        throw new Error(`an event that says ${event.status} was not kept`);
      }
      if (outcome.replayed) {
        reply.header('idempotency-replayed', 'true');
      }
      if (outcome.answer.result === 'parked') {
        return reply.code(202).send({ result: 'parked' });
      }
      return presentPaymentAnswer(outcome.answer);
    },
  );
}
