import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpCounts, RouteCounts } from '../../telemetry/metrics/http-counts.ts';
import type { ApiServer } from '../api-server.ts';
import type { ErrorCode } from '../error-catalogue.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** When it came, by `performance.now()`; 0 where nothing is counted. */
    startedAtMs: number;
  }
  interface FastifyReply {
    /** The code of the error that it answers with. */
    problemCode: ErrorCode | null;
  }
}

/** Answers of no route. Their paths and methods are whatever somebody sent, so they are not told apart. */
const noRoute = 'none';

/** Counts an answer that is sent. */
export type CountAnswer = (request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Tells the counts and the trace of an answer that is written past the framework and so passes no hook.
 *
 * @param counts undefined where nothing is counted
 */
export function answeredByItself(
  request: FastifyRequest,
  status: number,
  counts: HttpCounts | undefined,
): void {
  const { method, routeOptions, startedAtMs } = request;
  counts?.route(method, routeOptions.url ?? noRoute).add(status, performance.now() - startedAtMs);
  request.span?.end(status);
}

/**
 * Counts the answers of each route and how long they took. Every route gets a hook of its own that knows its counts, so nothing is looked
 * up for a request. It runs when an answer is about to be written: waiting for the end of the answer costs two listeners for each, and
 * for a stream it would come when the viewer leaves. Has to be added before the routes.
 *
 * @returns counts an answer of no route
 */
export function countAnswers(app: ApiServer, counts: HttpCounts): CountAnswer {
  const countFor =
    (ofRoute: RouteCounts): CountAnswer =>
    ({ startedAtMs }, { statusCode, problemCode }) => {
      // What the router could not read has passed no hook.
      ofRoute.add(statusCode, startedAtMs === 0 ? 0 : performance.now() - startedAtMs);
      if (problemCode !== null) {
        counts.problems.add(problemCode);
      }
    };

  app.decorateRequest('startedAtMs', 0);
  app.decorateReply('problemCode', null);
  app.addHook('onRequest', (request, _reply, done) => {
    request.startedAtMs = performance.now();
    done();
  });
  app.addHook('onRoute', (route) => {
    const count = countFor(counts.route([route.method].flat().join(','), route.url));
    const ownHooks = route.onSend === undefined ? [] : [route.onSend].flat();
    route.onSend = [
      ...ownHooks,
      (request, reply, payload, done) => {
        count(request, reply);
        done(null, payload);
      },
    ];
  });
  return countFor(counts.route(noRoute, noRoute));
}
