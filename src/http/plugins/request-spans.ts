import type { RequestSpan, Tracing } from '../../telemetry/tracing/tracing.ts';
import type { ApiServer } from '../api-server.ts';

declare module 'fastify' {
  interface FastifyRequest {
    span: RequestSpan | null;
  }
}

/** Traces each request. Has to be added before the routes, and only where traces are wanted. */
export function traceRequests(app: ApiServer, tracing: Tracing): void {
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, done) => {
    request.span = tracing.requestBegan(request.method, request.routeOptions.url, request.headers);
    done();
  });
  // Not earlier: what happens when a body has come is not a part of what happened before.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.span === null) {
      done();
    } else {
      tracing.within(request.span, done);
    }
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    request.span?.end(reply.statusCode);
    done(null, payload);
  });
  app.addHook('onRequestAbort', (request, done) => {
    request.span?.end(null);
    done();
  });
}
