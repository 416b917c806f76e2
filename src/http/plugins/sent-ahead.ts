import type { Socket } from 'node:net';
import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';

/** Far more than any client sends before it has an answer. */
const aheadMax = 32;

/**
 * Bounds the requests that wait on one connection for the answers to those before them. A few bytes can ask for a long answer, and all
 * answers are kept for a client that does not read: without a bound one connection could take hundreds of MB. Node stops to read from
 * such a connection only once answers are there, and these are still being made.
 */
export function boundSentAhead(app: ApiServer): void {
  const waiting = new WeakMap<Socket, number>();
  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    // Whoever waits for nobody has the connection for its answer already.
    if (reply.raw.socket !== null) {
      done();
      return;
    }
    const ahead = (waiting.get(socket) ?? 0) + 1;
    if (ahead > aheadMax) {
      sendProblem(reply, {
        code: 'overloaded',
        detail: 'Too many requests wait on this connection already.',
      });
      return;
    }
    waiting.set(socket, ahead);
    reply.raw.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    done();
  });
}
