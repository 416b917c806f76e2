import type { FastifyRequest, onSendHookHandler, preHandlerAsyncHookHandler } from 'fastify';
import type { ErrorCode } from '../error-catalogue.ts';
import type { ServerConfig } from '../server-deps.ts';
import { networkOf } from './address-text.ts';
import { type Entry, FailureLimit } from './failure-limit.ts';
import { refuseCrowded, refuseForWindow, showLimit } from './rate-limit-answer.ts';
import { type SharedWindowCounts, WindowCounts } from './window-counts.ts';

/** The hooks of a route that names a hold or an order. */
export type IdRouteHooks = {
  readonly preHandler?: preHandlerAsyncHookHandler;
  readonly onSend?: onSendHookHandler;
};

const unknown: ReadonlySet<ErrorCode | null> = new Set(['hold_not_found', 'order_not_found']);
/** One address gets at most this share of the queue in which orders wait, also where the queue is shorter than the limit. */
const queueShareMax = 1 / 4;

/**
 * Limits the ids of holds and orders that one address names and that do not exist: guesses, and floods that would fill the queue in which
 * orders wait. Beyond the limit every request of the address that names an id is refused until the minute ends, before it is
 * queued and before the database is read. Malformed ids do not count: they are refused without any work.
 *
 * @param shared counts over all nodes; without it each process counts by itself
 */
export function limitUnknownIds(
  {
    rateLimitUnknownIds: max,
    queueMax,
    requestTimeoutMs,
  }: Pick<ServerConfig, 'rateLimitUnknownIds' | 'queueMax' | 'requestTimeoutMs'>,
  shared?: SharedWindowCounts,
): IdRouteHooks {
  if (max === 0) {
    return {};
  }
  const limit = { name: 'unknown-ids', max, windowMs: 60_000 };
  const failures = new FailureLimit(new WindowCounts(limit, shared), {
    max,
    atOnceMax: Math.floor(queueMax * queueShareMax),
    waitingMax: queueMax,
    waitMsMax: requestTimeoutMs,
  });
  const entered = new WeakMap<FastifyRequest, Extract<Entry, { readonly kind: 'entered' }>>();
  return {
    // After the validation, so that malformed requests do not count.
    preHandler: async (request, reply) => {
      const entry = await failures.enter(networkOf(request.clientAddress));
      switch (entry.kind) {
        case 'entered':
          entered.set(request, entry);
          return;
        case 'exceeded': {
          const { ttlMs } = entry.counted;
          showLimit(reply, limit, entry.counted);
          refuseForWindow(
            reply,
            ttlMs,
            `This address named ${max} unknown holds or orders within a minute; it can name others when the minute ends.`,
          );
          return reply;
        }
        case 'crowded':
          refuseCrowded(reply);
          return reply;
      }
    },
    onSend: (request, reply, payload, done) => {
      const entry = entered.get(request);
      if (entry !== undefined) {
        entered.delete(request);
        const isUnknown = unknown.has(reply.problemCode);
        const { count, ttlMs } = entry.counted;
        showLimit(reply, limit, { count: count + Number(isUnknown), ttlMs });
        // The answer does not wait for Redis; the address's next request does.
        void entry.leave(isUnknown);
      }
      done(null, payload);
    },
  };
}
