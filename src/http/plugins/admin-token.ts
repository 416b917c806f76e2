import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { adminTokenGuessed } from '../../telemetry/log-events.ts';
import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';
import type { ServerDeps } from '../server-deps.ts';
import { networkOf } from './address-text.ts';
import { FailureLimit } from './failure-limit.ts';
import { refuseCrowded, refuseForWindow, showLimit } from './rate-limit-answer.ts';
import { WindowCounts } from './window-counts.ts';

const bearer = /^Bearer +(\S+)$/i;
/** An operator mistypes a token a few times. Without this limit 2,000 guesses took 263 ms. */
const wrongTokensMax = 10;
const limit = { name: 'admin-tokens', max: wrongTokensMax, windowMs: 60_000 };
/** Requests of one address that wait while ten others are compared, each for as long as Redis takes. */
const waitingMax = 1_000;
const waitMsMax = 5_000;

/**
 * Accepts only requests with the token. It runs before the validation, so that strangers do not learn the schemas.
 *
 * After ten wrong tokens of one address within a minute it compares no token of that address until the minute ends, so the right token
 * waits too. A request without an `Authorization` header is not a guess.
 */
export function requireAdminToken(
  app: ApiServer,
  { config: { adminToken }, log, counts, sharedCounts }: ServerDeps,
): void {
  if (adminToken === null) {
    app.addHook('onRequest', (_request, reply) =>
      refuse(reply, 'The admin API is closed: set ADMIN_TOKEN to open it.'),
    );
    return;
  }
  const expected = digest(adminToken);
  const guesses = new FailureLimit(new WindowCounts(limit, sharedCounts), {
    max: wrongTokensMax,
    waitingMax,
    waitMsMax,
  });
  app.addHook('onRequest', async (request, reply) => {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      refuse(reply, expectedText);
      return reply;
    }
    const entry = await guesses.enter(networkOf(request.clientAddress));
    switch (entry.kind) {
      case 'exceeded':
        counts?.adminTokensRefused.add('limited');
        showLimit(reply, limit, entry.counted);
        refuseForWindow(
          reply,
          entry.counted.ttlMs,
          `${wrongTokensMax} wrong admin tokens came from this address within a minute. Wait until it ends, also with the right token.`,
        );
        return reply;
      case 'crowded':
        refuseCrowded(reply);
        return reply;
      case 'entered': {
        const token = bearer.exec(authorization)?.[1];
        // Digests have one length, so the comparison takes the same time for every guess.
        const isRight = token !== undefined && timingSafeEqual(digest(token), expected);
        const { count } = await entry.leave(!isRight);
        if (isRight) {
          return;
        }
        counts?.adminTokensRefused.add('wrong');
        // With Redis exactly one node gets this count.
        if (count === wrongTokensMax) {
          adminTokenGuessed(log, { address: request.clientAddress, wrongTokens: count });
        }
        refuse(reply, expectedText);
        return reply;
      }
    }
  });
}

const expectedText = 'Expected Authorization: Bearer with the admin token.';

function refuse(reply: FastifyReply, detail: string): void {
  reply.header('www-authenticate', 'Bearer');
  sendProblem(reply, { code: 'unauthorized', detail });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
