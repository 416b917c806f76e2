import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';
import { type SharedWindowCounts, WindowCounts } from './window-counts.ts';

const windowMs = 1000;

/**
 * Limits the holds that one client address may ask for in a second. An IPv6 client has a whole /64, so that
 * counts as one address. Malformed requests count too: they cost as much to refuse.
 *
 * @param shared counts over all nodes; without it each process counts by itself
 * @returns the hook for the route
 */
export async function createHoldRateLimit(app: ApiServer, holdsMax: number, shared?: SharedWindowCounts) {
  // Loaded only where there is a limit, since it costs start-up time.
  const { default: rateLimit } = await import('@fastify/rate-limit');
  await app.register(rateLimit, {
    global: false,
    max: holdsMax,
    timeWindow: windowMs,
    ipv6Subnet: 64,
    // The plugin makes the store itself and has no way to hand it anything of ours.
    store: class extends WindowCounts {
      constructor() {
        super(shared);
      }
    },
  });
  const take = app.createRateLimit();
  const policy = `"holds";q=${holdsMax};w=${windowMs / 1000}`;

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const count = await take(request);
    if (count.isAllowed) {
      return;
    }
    reply.header('ratelimit-policy', policy);
    reply.header('ratelimit', `"holds";r=${count.remaining};t=${count.ttlInSeconds}`);
    if (count.isExceeded) {
      reply.header('retry-after', Math.max(1, count.ttlInSeconds));
      return sendProblem(reply, { code: 'rate_limited', detail: `At most ${holdsMax} holds a second.` });
    }
  };
}
