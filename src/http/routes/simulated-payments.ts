import type { FastifyReply } from 'fastify';
import type { Purchase } from '../../payments/simulated/purchase.ts';
import type { ApiServer } from '../api-server.ts';
import { type Closing, refuseWhileNotReady } from '../plugins/admission.ts';
import { addTextParser } from '../plugins/body-text.ts';
import { refuseForeignRequests } from '../plugins/local-requests.ts';
import { type Problem, sendProblem } from '../problem.ts';
import {
  clientSecretParams,
  type SimulatedPaymentBody,
  simulatedPaymentAnswer,
  simulatedPaymentBody,
} from '../schemas/simulated-payments.ts';
import type { ServerDeps, SimulatedPayments } from '../server-deps.ts';
import { simulatedPaymentPage, simulatedPaymentPagePolicy } from '../simulated-payment-page.ts';

const path = '/simulated-payments/:client_secret';
const notFound: Problem = { code: 'hold_not_found' };
const formType = 'application/x-www-form-urlencoded';

/** The page on which a buyer pays, and the same for programs. Outside of the API: a real provider has them elsewhere. */
export async function addSimulatedPaymentRoutes(
  app: ApiServer,
  deps: ServerDeps,
  closing: Closing,
  { purchaseOf, act }: SimulatedPayments,
): Promise<void> {
  refuseWhileNotReady(app, deps, closing);
  // These routes check no signature.
  app.addHook('onRequest', refuseForeignRequests(deps.config.localHosts));
  // Only here: the API takes JSON and nothing else.
  addTextParser(app, formType, formFields);

  app.get(path, { schema: { hide: true, params: clientSecretParams } }, async (request, reply) => {
    const purchase = await purchaseOf(request.params.client_secret);
    return purchase === null ? sendProblem(reply, notFound) : sendPage(reply, purchase);
  });

  app.post(
    path,
    {
      config: {
        errors: [
          'not_a_local_request',
          'hold_not_found',
          'invalid_request',
          'internal_error',
          'database_unavailable',
          'shutting_down',
        ],
      },
      schema: {
        operationId: 'simulatePayment',
        summary: 'Pay, or fail to, without money; a browser gets the same as a page',
        tags: ['development'],
        params: clientSecretParams,
        body: simulatedPaymentBody,
        response: { 200: simulatedPaymentAnswer },
      },
    },
    async (request, reply) => {
      const purchase = await purchaseOf(request.params.client_secret);
      if (purchase === null) {
        return sendProblem(reply, notFound);
      }
      const { action, delay_ms } = request.body;
      const { status } = act(purchase, action, delay_ms);
      // After a form the browser is sent back to the page, so that loading it again does not pay again.
      return request.headers['content-type']?.startsWith(formType)
        ? reply.redirect(request.url, 303)
        : { status };
    },
  );
}

function sendPage(reply: FastifyReply, purchase: Purchase): FastifyReply {
  return reply
    .header('content-security-policy', simulatedPaymentPagePolicy)
    .header('cross-origin-opener-policy', 'same-origin')
    .type('text/html; charset=utf-8')
    .send(simulatedPaymentPage(purchase));
}

/** Everything in a form is text; what is no number stays what it is, and the schema refuses it. */
function formFields(body: string): Partial<Record<keyof SimulatedPaymentBody, unknown>> {
  const { delay_ms, ...fields } = Object.fromEntries(new URLSearchParams(body));
  const isNumber = delay_ms !== undefined && /^\d{1,9}$/.test(delay_ms);
  return delay_ms === undefined ? fields : { ...fields, delay_ms: isNumber ? Number(delay_ms) : delay_ms };
}
