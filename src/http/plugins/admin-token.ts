import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';

const bearer = /^Bearer +(\S+)$/i;

/**
 * Lets only requests with the token pass. It stands before the validation: strangers learn nothing of the
 * schemas.
 */
export function requireAdminToken(app: ApiServer, adminToken: string | null): void {
  const expected = adminToken === null ? null : digest(adminToken);
  app.addHook('onRequest', (request, reply, done) => {
    const token = bearer.exec(request.headers.authorization ?? '')?.[1];
    // Digests have one length, so the comparison takes the same time for every guess.
    if (expected !== null && token !== undefined && timingSafeEqual(digest(token), expected)) {
      done();
      return;
    }
    reply.header('www-authenticate', 'Bearer');
    sendProblem(reply, {
      code: 'unauthorized',
      detail:
        expected === null
          ? 'The admin API is closed: set ADMIN_TOKEN to open it.'
          : 'Expected Authorization: Bearer with the admin token.',
    });
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
