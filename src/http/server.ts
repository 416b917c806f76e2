import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type ApiServer, apiBase } from './api-server.ts';
import { requireAdminToken } from './plugins/admin-token.ts';
import { type Closing, refuseWhileNotReady, watchClosing } from './plugins/admission.ts';
import { countAnswers } from './plugins/answer-counts.ts';
import { addAnswerHeaders, setAnswerHeaders } from './plugins/answer-headers.ts';
import { findClientAddress } from './plugins/client-address.ts';
import { createClientErrorHandler } from './plugins/client-errors.ts';
import { allowOperatorOrigins, allowOrigins } from './plugins/cors.ts';
import { createErrorHandler } from './plugins/error-handler.ts';
import { createHoldRateLimit } from './plugins/hold-rate-limit.ts';
import { keepHttpRules } from './plugins/http-rules.ts';
import { acceptJsonBodies } from './plugins/json-bodies.ts';
import { answerNotFound } from './plugins/not-found.ts';
import { readNumbersInUrls } from './plugins/numbers-in-urls.ts';
import { describeApi } from './plugins/openapi.ts';
import { traceRequests } from './plugins/request-spans.ts';
import { SchemasOnDemand } from './plugins/schemas-on-demand.ts';
import { boundSentAhead } from './plugins/sent-ahead.ts';
import { limitUnknownIds } from './plugins/unknown-id-limit.ts';
import { createRequestIds } from './request-ids.ts';
import { addAdminAccountRoutes } from './routes/admin-accounts.ts';
import { addAdminEventRoutes } from './routes/admin-events.ts';
import { addAdminListRoutes } from './routes/admin-lists.ts';
import { addAdminMoneyRoutes } from './routes/admin-money.ts';
import { addAdminProductRoutes } from './routes/admin-products.ts';
import { addDocsRoutes } from './routes/docs.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addHoldRoutes } from './routes/holds.ts';
import { addProductStreamRoute, addSaleStreamRoute } from './routes/live.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addOrderRoutes } from './routes/orders.ts';
import { addPageRoutes } from './routes/pages.ts';
import { addPaymentRoutes, addSimulatedEventRoute } from './routes/payments.ts';
import { addProductRoutes } from './routes/products.ts';
import { addSimulatedPaymentRoutes } from './routes/simulated-payments.ts';
import { addStripeRoutes } from './routes/stripe.ts';
import type { ConnectionTimeouts, ServerDeps } from './server-deps.ts';

const bodyBytesMax = 64 * 1024;
/**
 * Time for the headers, and for a whole request: far more than an honest client needs, too little to hoard
 * connections.
 */
const usualTimeouts: ConnectionTimeouts = { headersMs: 10_000, requestMs: 15_000, checkMs: 2_000 };
/**
 * Longer than the minute for which load balancers usually keep idle connections: the side that reuses them
 * closes them first.
 */
const keepAliveTimeoutMs = 72_000;
/** No id is longer; what is longer is answered as a malformed id and not as an unknown path. */
const paramLengthMax = 500;

export type CheckoutServer = ApiServer & {
  /** Makes ready, bit by bit, what would else be made by the first request of each route. */
  compileSchemas(): Promise<void>;
};

/** The HTTP server with all routes. It does not listen yet. */
export function createServer(deps: ServerDeps): CheckoutServer {
  const { config, pages, simulatedPayments, counts, timeouts = usualTimeouts } = deps;
  const nextRequestId = createRequestIds();
  const answerError = createErrorHandler(deps.log, (request, reply) => answerUnserved(request, reply));
  const schemas = new SchemasOnDemand();

  const app: ApiServer = fastify({
    schemaController: { compilersFactory: schemas.factories },
    // Business events are logged by the engine and failures by the error handler; a logger for each request
    // would only cost.
    logger: false,
    genReqId: nextRequestId,
    bodyLimit: bodyBytesMax,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    http: {
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkMs,
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: paramLengthMax },
    forceCloseConnections: 'idle',
    // The framework's own answer is no problem+json; the hook of the API gives one.
    return503OnClosing: false,
    clientErrorHandler: createClientErrorHandler(nextRequestId, (code) => counts?.problems.add(code)),
    // What the router cannot read passes no hook, so the headers of every answer are added here.
    frameworkErrors: (error, request, reply) => {
      setAnswerHeaders(reply);
      answerError(error, request as FastifyRequest, reply as FastifyReply);
      countUnrouted(request as FastifyRequest, reply as FastifyReply);
    },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: true,
        allErrors: true,
        // Errors then carry the schema and the value that their messages are made of.
        verbose: true,
        allowUnionTypes: true,
        // The schemas are checked by the tests; to check them at each start would cost 50 ms.
        validateSchema: false,
        meta: false,
      },
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  const closing = watchClosing(app);
  app.setErrorHandler(answerError);
  const countUnrouted = counts === undefined ? () => {} : countAnswers(app, counts);
  if (deps.tracing !== undefined) {
    traceRequests(app, deps.tracing);
  }
  addAnswerHeaders(app);
  keepHttpRules(app);
  findClientAddress(app, config.trustProxy, deps.log);
  boundSentAhead(app);
  acceptJsonBodies(app);
  const answerUnserved = answerNotFound(app, countUnrouted);
  readNumbersInUrls(app);
  const describe = describeApi(app, { development: simulatedPayments !== undefined });
  app.register(async (root: ApiServer) => {
    await allowOrigins(root, config.corsOrigins);
    addHealthRoutes(root, deps, closing);
    if (deps.metricsText !== undefined) {
      addMetricsRoute(root, deps.metricsText);
    }
    if (config.docs) {
      addDocsRoutes(root, describe, deps.log);
    }
    if (pages !== undefined) {
      addPageRoutes(root, pages, deps);
    }
    if (simulatedPayments !== undefined) {
      await root.register((pages: ApiServer) =>
        addSimulatedPaymentRoutes(pages, deps, closing, simulatedPayments),
      );
    }
    await root.register((api: ApiServer) => addApiRoutes(api, deps, closing), { prefix: apiBase });
  });
  // Beside the other routes, so that CORS_ORIGINS does not apply to the admin API.
  app.register(
    async (admin: ApiServer) => {
      await allowOperatorOrigins(admin, config.adminCorsOrigins);
      await admin.register((guarded: ApiServer) => addAdminRoutes(guarded, deps, closing));
    },
    { prefix: `${apiBase}/admin` },
  );
  return Object.assign(app, { compileSchemas: () => schemas.compileInTurns() });
}

async function addApiRoutes(api: ApiServer, deps: ServerDeps, closing: Closing): Promise<void> {
  refuseWhileNotReady(api, deps, closing);
  const { config, sharedCounts } = deps;
  const idHooks = limitUnknownIds(config, sharedCounts);
  addProductRoutes(api, deps);
  addProductStreamRoute(api, deps);
  addHoldRoutes(api, deps, createHoldRateLimit(config.rateLimitHolds, sharedCounts), idHooks);
  addOrderRoutes(api, deps, idHooks);
  if (deps.paymentEvents !== 'closed') {
    addPaymentRoutes(api, deps, deps.paymentEvents);
  }
  if (deps.stripeEvents !== undefined) {
    addStripeRoutes(api, deps, deps.stripeEvents);
  }
  if (deps.simulatedPayments !== undefined) {
    addSimulatedEventRoute(api, deps, deps.simulatedPayments.verify);
  }
}

async function addAdminRoutes(admin: ApiServer, deps: ServerDeps, closing: Closing): Promise<void> {
  refuseWhileNotReady(admin, deps, closing);
  requireAdminToken(admin, deps);
  addAdminProductRoutes(admin, deps);
  addAdminListRoutes(admin, deps);
  addAdminAccountRoutes(admin, deps);
  addAdminMoneyRoutes(admin, deps);
  addAdminEventRoutes(admin, deps);
  addSaleStreamRoute(admin, deps);
}
