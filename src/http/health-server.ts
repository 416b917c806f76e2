import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import type { ApiServer } from './api-server.ts';
import { watchClosing } from './plugins/admission.ts';
import { answerNotFound } from './plugins/not-found.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import type { ServerDeps } from './server-deps.ts';

/** Health and metrics of a process that serves nothing else. It does not listen yet. */
export function createHealthServer({
  readiness,
  metricsText,
}: Pick<ServerDeps, 'readiness'> & { readonly metricsText: () => Promise<string> }): ApiServer {
  const app: ApiServer = fastify({
    logger: false,
    forceCloseConnections: 'idle',
  }).withTypeProvider<TypeBoxTypeProvider>();
  const closing = watchClosing(app);
  answerNotFound(app);
  app.register(async (root: ApiServer) => {
    addHealthRoutes(root, { readiness }, closing);
    addMetricsRoute(root, metricsText);
  });
  return app;
}
