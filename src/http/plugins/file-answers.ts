import type { FastifyError } from 'fastify';
import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';
import type { ServerLog } from '../server-deps.ts';
import { createErrorHandler } from './error-handler.ts';

/**
 * A file is given as a whole, whatever part or age of it is asked for: what nobody needs here could be answered with statuses that the
 * catalogue of errors does not have.
 */
const unreadHeaders = ['range', 'if-range', 'if-match', 'if-unmodified-since'];

/** For a server of files: what it cannot give is answered as the API answers it. Has to be called before its files are added. */
export function answerLikeTheApi(files: ApiServer, log: ServerLog): void {
  const notFound = { code: 'route_not_found' } as const;
  const answerError = createErrorHandler(log, (_request, reply) => sendProblem(reply, notFound));
  files.setNotFoundHandler((_request, reply) => sendProblem(reply, notFound));
  files.setErrorHandler((error: FastifyError, request, reply) => {
    // A path that leads out of the folder, say.
    if (error.statusCode !== undefined && error.statusCode < 500) {
      sendProblem(reply, notFound);
    } else {
      answerError(error, request, reply);
    }
  });
  files.addHook('onRequest', (request, _reply, done) => {
    for (const name of unreadHeaders) {
      delete request.raw.headers[name];
    }
    done();
  });
}
