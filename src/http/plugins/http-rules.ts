import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';

/**
 * What Node would answer by itself and without a word, because HTTP asks for it. Here it is answered like everything else. The server
 * has to be made with `requireHostHeader: false`.
 */
export function keepHttpRules(app: ApiServer): void {
  // RFC 9112, section 3.2: a request without a host is refused.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      sendProblem(reply.header('connection', 'close'), {
        code: 'malformed_request',
        detail: 'The request names no host.',
      });
      return;
    }
    done();
  });
  // RFC 9110, section 10.1.1: an expectation that nobody knows may be refused with a status that the catalogue does not have, or passed over.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
}
