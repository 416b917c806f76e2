import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';

/**
 * What Node would answer by itself and without a word, because HTTP asks for it. Here it is answered like everything else. The server
 * has to be made with `requireHostHeader: false`.
 */
export function keepHttpRules(app: ApiServer): void {
  // RFC 9112, section 3.2: a request without a host is refused, and so is a request with two: a proxy may have read the other one.
  app.addHook('onRequest', ({ raw: { httpVersion, rawHeaders } }, reply, done) => {
    const hosts = hostsIn(rawHeaders);
    if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
      sendProblem(reply.header('connection', 'close'), {
        code: 'malformed_request',
        detail: hosts === 0 ? 'The request names no host.' : 'The request has more than one Host header.',
      });
      return;
    }
    done();
  });
  // RFC 9110, section 10.1.1: an expectation that nobody knows may be refused with a status that the catalogue does not have, or passed over.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
}

/** How many `Host` headers came. `headers.host` is the first of them. */
function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') {
      hosts += 1;
    }
  }
  return hosts;
}
